import { expect } from 'chai';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { nodeDisk } from '../../src/runtime/node-disk.ts';

describe('files of the machine', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-disk-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('take many chunks in one write, in order, at any position', () => {
    const file = nodeDisk.openSync(path.join(folder, 'a'), 'write');
    const chunks = Array.from({ length: 2500 }, (_, index) => Buffer.from([index & 0xff, index >> 8]));
    file.writeSync([Buffer.from('head')], 0);
    file.writeSync([Buffer.alloc(0), ...chunks, Buffer.alloc(0)], 4);
    expect(fs.readFileSync(file.path)).to.deep.equal(Buffer.concat([Buffer.from('head'), ...chunks]));
    const target = Buffer.alloc(10);
    expect(file.readSync(target, 2, 8, 0)).to.equal(8);
    expect(target.toString('latin1', 2, 6)).to.equal('head');
    expect(file.readSync(target, 0, 10, 5003)).to.equal(1);
    file.closeSync();
    file.closeSync();
  });

  it('are replaced at once', () => {
    const file = path.join(folder, 'checkpoint');
    nodeDisk.replaceFileSync(file, 'one');
    nodeDisk.replaceFileSync(file, 'two');
    expect(nodeDisk.readFileSync(file).toString()).to.equal('two');
    expect(nodeDisk.listSync(folder)).to.deep.equal(['checkpoint']);
  });

  it('are locked against a process that lives, and free after one that died', () => {
    const file = path.join(folder, '.lock');
    fs.writeFileSync(file, `${process.ppid}\n`);
    expect(nodeDisk.lockSync(file)).to.equal(undefined);
    const dead = spawnSync(process.execPath, ['-e', 'process.stdout.write(String(process.pid))']).stdout.toString();
    fs.writeFileSync(file, `${dead}\n`);
    const lock = nodeDisk.lockSync(file)!;
    expect(nodeDisk.lockSync(file)).to.equal(undefined);
    lock.release();
    expect(nodeDisk.lockSync(file)).not.to.equal(undefined);
  });
});
