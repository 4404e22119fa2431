import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { CheckpointWriter } from '../../../src/log/checkpoint-writer.ts';
import type { Disk } from '../../../src/runtime/disk.ts';
import { nodeDisk } from '../../../src/runtime/node-disk.ts';
import { removeTemporaryFolders, systemError, temporaryFolder } from './support.ts';

/** A disk whose fsyncs end when the test says so. */
function slowDisk(): { disk: Disk; syncs: { end(error?: Error): void }[]; renames: string[] } {
  const syncs: { end(error?: Error): void }[] = [];
  const renames: string[] = [];
  const disk: Disk = {
    ...nodeDisk,
    openSync: (name, mode) =>
      Object.assign(nodeDisk.openSync(name, mode), {
        sync: () => new Promise<void>((resolve, reject) => syncs.push({ end: (error) => (error === undefined ? resolve() : reject(error)) })),
      }),
    renameSync(from, to) {
      renames.push(path.basename(to));
      nodeDisk.renameSync(from, to);
    },
  };
  return { disk, syncs, renames };
}

describe('checkpoint that is written again and again', () => {
  let file: string;
  const content = (): string => fs.readFileSync(file, 'utf8');

  beforeEach(() => {
    file = path.join(temporaryFolder(), 'checkpoint');
  });
  afterEach(removeTemporaryFolders);

  it('is as before until the new one is durable', async () => {
    const { disk, syncs } = slowDisk();
    const writer = new CheckpointWriter(disk, file);
    fs.writeFileSync(file, 'old');
    const written = writer.write('new');
    expect(content()).to.equal('old');
    syncs[0]!.end();
    await written;
    expect(content()).to.equal('new');
  });

  it('passes over what is older than the last while one is written', async () => {
    const { disk, syncs, renames } = slowDisk();
    const writer = new CheckpointWriter(disk, file);
    const all = Promise.all(['1', '2', '3', '4'].map((text) => writer.write(text)));
    syncs[0]!.end();
    while (syncs.length < 2) await new Promise((resolve) => setImmediate(resolve));
    syncs[1]!.end();
    await all;
    expect([content(), renames.length]).to.deep.equal(['4', 2]);
  });

  it('never comes after what was written at once', async () => {
    const { disk, syncs } = slowDisk();
    const writer = new CheckpointWriter(disk, file);
    const written = writer.write('older');
    writer.writeNow('newer');
    syncs[0]!.end();
    await written;
    expect(content()).to.equal('newer');
  });

  it('tells of an fsync that fails, and is written at the next time', async () => {
    const { disk, syncs } = slowDisk();
    const writer = new CheckpointWriter(disk, file);
    const failing = writer.write('lost');
    syncs[0]!.end(systemError('EIO'));
    expect(await failing.catch((error: NodeJS.ErrnoException) => error.code)).to.equal('EIO');
    await writer.settled();
    const written = writer.write('kept');
    syncs[1]!.end();
    await written;
    expect(content()).to.equal('kept');
  });
});
