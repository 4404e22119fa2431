import { expect } from 'chai';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { Connection, ConnectionEvents, Listener } from '../../src/runtime/network.ts';
import { nodeDisk } from '../../src/runtime/node-disk.ts';
import { createNodeNetwork } from '../../src/runtime/node-network.ts';
import { systemCalls } from '../../src/runtime/system-calls.ts';
import { temporaryDirectory } from '../../src/runtime/temporary-directory.ts';

/** One connection of ours, and Node's own socket at its other end. */
class Pair {
  listener!: Listener;
  ours!: Connection;
  theirs!: net.Socket;
  readonly received: Buffer[] = [];
  drainedCount = 0;
  isClosed = false;
  #wake: () => void = () => undefined;

  static async open(sendBufferBytes?: number): Promise<Pair> {
    const pair = new Pair();
    const accepted = new Promise<void>((resolve) => {
      const events: ConnectionEvents = { data: () => undefined, drained: () => pair.#changed(() => pair.drainedCount++), closed: () => pair.#changed(() => (pair.isClosed = true)) };
      void createNodeNetwork()
        .listen('127.0.0.1', 0, (connection) => {
          pair.ours = connection;
          resolve();
          return events;
        }, sendBufferBytes === undefined ? {} : { sendBufferBytes })
        .then((listener) => {
          pair.listener = listener;
          pair.theirs = net.connect({ host: '127.0.0.1', port: listener.port });
          pair.theirs.pause();
          pair.theirs.on('data', (bytes) => pair.#changed(() => pair.received.push(bytes)));
          pair.theirs.on('error', () => undefined);
        });
    });
    await accepted;
    return pair;
  }

  #changed(change: () => unknown): void {
    change();
    this.#wake();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  get receivedBytes(): number {
    return this.received.reduce((sum, { length }) => sum + length, 0);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.received);
  }

  async close(): Promise<void> {
    this.theirs.destroy();
    this.ours.destroy();
    await this.listener.close();
  }
}

function hasFile(descriptor: number, inode: number): boolean {
  try {
    return fs.fstatSync(descriptor).ino === inode;
  } catch {
    return false; // EBADF: nothing is open there
  }
}

describe('ranges of files on a connection', () => {
  const folder = temporaryDirectory('file-sending');
  const file = path.join(folder.path, 'segment');
  const content = Buffer.from(Uint32Array.from({ length: 2 << 20 }, (_, index) => index * 2654435761).buffer);
  let pair: Pair;

  before(() => fs.writeFileSync(file, content));
  beforeEach(async () => {
    pair = await Pair.open();
  });
  afterEach(() => pair.close());
  after(() => folder.remove());

  it('leave in the order of the writes, however slowly they are read, and sent is told when the system has them', async () => {
    const opened = nodeDisk.openSync(file, 'read');
    const range = { file: opened, position: 4096, byteLength: content.length - 8192 };
    const sent: string[] = [];
    pair.ours.write([Buffer.from('head'), range, Buffer.from('middle')], () => sent.push('first'));
    pair.ours.write([Buffer.from('tail')], () => sent.push('second'));
    expect(sent, 'eight megabytes do not fit into a socket that nobody reads').to.deep.equal([]);
    expect(pair.ours.unsentBytes).to.be.greaterThan(0);
    pair.theirs.resume();
    const expected = Buffer.concat([Buffer.from('head'), content.subarray(4096, content.length - 4096), Buffer.from('middletail')]);
    await pair.until(() => pair.receivedBytes === expected.length && sent.length === 2 && pair.drainedCount > 0);
    expect(pair.bytes.equals(expected)).to.equal(true);
    expect(sent).to.deep.equal(['first', 'second']);
    expect(pair.ours.unsentBytes).to.equal(0);
    opened.closeSync();
  });

  it('have no more under way than the send buffer that was asked for, and arrive whole', async function () {
    if (systemCalls() === undefined) this.skip(); // Node has no such option
    const narrow = await Pair.open(50_000);
    const opened = nodeDisk.openSync(file, 'read');
    try {
      for (const { ours } of [pair, narrow]) ours.write([{ file: opened, position: 0, byteLength: content.length }]);
      expect(narrow.ours.unsentBytes - pair.ours.unsentBytes).to.be.greaterThan(1 << 20);
      narrow.theirs.resume();
      await narrow.until(() => narrow.receivedBytes === content.length);
      expect(narrow.bytes.equals(content)).to.equal(true);
    } finally {
      await narrow.close();
      opened.closeSync();
    }
  });

  it('are told as drained also when little memory had to wait', async () => {
    let written = 0;
    while (pair.ours.unsentBytes === 0) {
      pair.ours.write([Buffer.alloc(1000)]);
      written += 1000;
    }
    pair.theirs.resume();
    await pair.until(() => pair.drainedCount > 0 && pair.receivedBytes === written);
    expect(pair.ours.unsentBytes).to.equal(0);
  });

  it('of a file that became shorter end the connection, as nothing else can tell its peer', async () => {
    const short = path.join(folder.path, 'short');
    fs.writeFileSync(short, content.subarray(0, 1 << 20));
    const opened = nodeDisk.openSync(short, 'write');
    let isSent = false;
    pair.ours.write([{ file: opened, position: 0, byteLength: 2 << 20 }], () => (isSent = true));
    pair.theirs.resume();
    await pair.until(() => pair.isClosed);
    expect(isSent, 'what was lent is given back').to.equal(true);
    opened.closeSync();
  });

  it('are given back when the connection closes before they have left', async () => {
    const opened = nodeDisk.openSync(file, 'read');
    const release = opened.hold();
    let isSent = false;
    pair.ours.write([{ file: opened, position: 0, byteLength: content.length }], () => {
      isSent = true;
      release();
    });
    opened.closeSync();
    const isOpen = (): boolean => hasFile(opened.descriptor, fs.statSync(file).ino);
    expect(isOpen(), 'held').to.equal(true);
    pair.theirs.destroy();
    await pair.until(() => pair.isClosed);
    expect(isSent).to.equal(true);
    expect(isOpen(), 'held no more').to.equal(false);
  });
});

describe('the calls of Linux', () => {
  it('tell what is in the page cache, and read that alone', function () {
    const calls = systemCalls();
    if (calls === undefined) {
      expect(process.platform, 'koffi is installed wherever npm has a binary of it').not.to.equal('linux');
      this.skip(); // elsewhere there are no such calls: Node's own reads and writes serve
    }
    const folder = temporaryDirectory('system-calls');
    const file = path.join(folder.path, 'file');
    fs.writeFileSync(file, Buffer.alloc(100_000, 'abcdefgh'));
    const opened = nodeDisk.openSync(file, 'read');
    const target = Buffer.alloc(64 * 1024);
    expect(opened.readCachedSync(target, 8, 16, 8)).to.equal(true);
    expect(target.toString('latin1', 8, 24)).to.equal('abcdefghabcdefgh');
    expect(opened.readCachedSync(target, 0, 1000, 99_500), 'past the end').to.equal(false);
    expect(opened.isCachedSync(0, 200_000), 'past the end').to.equal(false);
    opened.closeSync();
    folder.remove();
  });
});
