import { expect } from 'chai';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildBatch } from '../../../src/record/build.ts';
import { dumpLogTool } from '../../../src/tools/dump-log/command.ts';
import { runTool } from '../../../src/tools/terminal.ts';
import { extractGoldenLogs, goldenLog } from '../../golden/logs.ts';
import { memoryTerminal } from './memory-terminal.ts';

const headers = [{ key: 'h1', value: Buffer.from('a') }, { key: 'h2', value: null }];

describe('kafka-dump-log', () => {
  let directory = '';
  before(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-dump-log-'));
  });
  after(() => fs.rmSync(directory, { recursive: true }));

  async function dump(...args: string[]): Promise<{ exitCode: number; out: string; err: string }> {
    const terminal = memoryTerminal();
    const exitCode = await runTool(dumpLogTool, args, terminal);
    const relative = (text: string): string => text.replaceAll(`${directory}/`, '');
    return { exitCode, out: relative(terminal.outText), err: relative(terminal.errText) };
  }

  const goldenDumps = [
    ['kafka-3.9.1/clean', 'dump-log.txt'],
    ['kafka-3.9.1/clean', 'dump-consumer-offsets.txt', '--offsets-decoder'],
    ['kafka-3.9.1/clean', 'dump-transaction-state.txt', '--transaction-log-decoder'],
    ['kafka-3.9.1/compacted', 'dump-log.txt'],
    ['kafka-3.9.1/epochs', 'dump-log.txt'],
    ['kafka-2.4.1/clean', 'dump-log.txt'],
    ['kafka-2.4.1/compacted', 'dump-log.txt'],
  ] as const;
  for (const [tree, text, ...flags] of goldenDumps) {
    it(`prints what Kafka's own prints of ${tree}: ${text}`, async () => {
      extractGoldenLogs(tree, directory);
      const expected = goldenLog(`${tree}/${text}`).toString();
      const files = [...expected.matchAll(/^Dumping (.*)$/gm)].map(([, file]) => path.join(directory, file!));
      const { exitCode, out } = await dump('--files', files.join(','), ...flags);
      expect(out).to.equal(expected);
      expect(exitCode).to.equal(0);
    });
  }

  describe('of a small log', () => {
    const place = (name: string): string => path.join(directory, 'small-0', name);
    before(() => {
      fs.mkdirSync(path.join(directory, 'small-0'));
      const first = buildBatch({ leaderEpoch: 0 }, [{ timestamp: 100, key: Buffer.from('k1'), value: Buffer.from('v1'), headers }, { timestamp: 101, key: null, value: Buffer.from('v2') }]);
      const second = buildBatch({ leaderEpoch: 0, baseOffset: 2, producerId: 7, producerEpoch: 0, baseSequence: 4 }, [{ timestamp: 102, key: null, value: Buffer.from('v3') }]);
      fs.writeFileSync(place('00000000000000000000.log'), Buffer.concat([first, second]));
      const index = Buffer.alloc(16);
      index.writeInt32BE(2, 8);
      index.writeInt32BE(first.length, 12);
      fs.writeFileSync(place('00000000000000000000.index'), index);
      fs.writeFileSync(place('pay.txt'), '');
    });

    it('prints records, headers, keys and values with --print-data-log', async () => {
      const { out } = await dump('--files', place('00000000000000000000.log'), '--print-data-log');
      expect(out.split('\n').filter((line) => line.startsWith('|'))).to.deep.equal([
        '| offset: 0 CreateTime: 100 keySize: 2 valueSize: 2 sequence: -1 headerKeys: [h1,h2] key: k1 payload: v1',
        '| offset: 1 CreateTime: 101 keySize: -1 valueSize: 2 sequence: -1 headerKeys: [] payload: v2',
        '| offset: 2 CreateTime: 102 keySize: -1 valueSize: 2 sequence: 4 headerKeys: [] payload: v3',
      ]);
    });

    it('prints keys and values alone with --skip-record-metadata', async () => {
      const { out } = await dump('--files', place('00000000000000000000.log'), '--print-data-log', '--skip-record-metadata');
      expect(out.split('\n').filter((line) => /payload/.test(line))).to.deep.equal(['| key: k1 payload: v1', ' payload: v2', ' payload: v3']);
    });

    it('stops at --max-bytes', async () => {
      const { out } = await dump('--files', place('00000000000000000000.log'), '--max-bytes', '80');
      expect(out).to.equal('Dumping small-0/00000000000000000000.log\nLog starting offset: 0\n');
    });

    it('compares an index with its log', async () => {
      const { exitCode, out, err } = await dump('--files', place('00000000000000000000.index'));
      expect(out).to.match(/^Dumping small-0\/00000000000000000000\.index\noffset: 0 position: 0\noffset: 2 position: \d+\n$/);
      expect(err).to.equal('Mismatches in :small-0/00000000000000000000.index\n  Index offset: 0, log offset: 1\n');
      expect(exitCode).to.equal(0);
    });

    it('says that an index is sound', async () => {
      const { out } = await dump('--files', place('00000000000000000000.index'), '--index-sanity-check');
      expect(out).to.equal('Dumping small-0/00000000000000000000.index\nsmall-0/00000000000000000000.index passed sanity check.\n');
    });

    it('ignores files that it does not know', async () => {
      expect(await dump('--files', place('pay.txt'))).to.deep.equal({ exitCode: 0, out: 'Dumping small-0/pay.txt\n', err: 'Ignoring unknown file small-0/pay.txt\n' });
    });

    it('fails on a missing file as Kafka does', async () => {
      const { exitCode, err } = await dump('--files', place('none/00000000000000000000.log'));
      expect(err).to.equal('Exception in thread "main" java.nio.file.NoSuchFileException: small-0/none/00000000000000000000.log\n');
      expect(exitCode).to.equal(1);
    });

    it('fails on a directory as Kafka does', async () => {
      const { exitCode, err } = await dump('--files', path.join(directory, 'dl-0'));
      expect(err).to.equal('Exception in thread "main" java.lang.StringIndexOutOfBoundsException: begin -1, end 4, length 4\n');
      expect(exitCode).to.equal(1);
    });

    it('tells of bytes behind the last whole batch', async () => {
      const file = path.join(directory, '00000000000000000005.log');
      fs.writeFileSync(file, Buffer.concat([buildBatch({ baseOffset: 5 }, [{ timestamp: 1, key: null, value: null }]), Buffer.alloc(20, 1)]));
      const { out } = await dump('--files', file);
      expect(out).to.match(/\nFound 20 invalid bytes at the end of 00000000000000000005\.log\n$/);
    });
  });
});
