import { expect } from 'chai';
import fs from 'node:fs';
import Module, { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import vm from 'node:vm';
import { compile, launch } from '../../../src/tools/launch.ts';

const source = 'exports.place = __filename; exports.joined = require("node:path").join("a", "b");';

describe('launching a bundle', () => {
  let folder: string;
  const launcher = (): NodeJS.Module => Object.assign(new Module(path.join(folder, 'tool.cjs')), { filename: path.join(folder, 'tool.cjs') });

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-launch-'));
    fs.writeFileSync(path.join(folder, 'tool.bundle.cjs'), source);
  });

  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  function expectToRun(): void {
    const module = launcher();
    launch(module, createRequire(module.filename));
    expect(module.exports).to.include({ place: path.join(folder, 'tool.cjs'), joined: path.join('a', 'b') });
  }

  it('runs it as the launcher itself, with the code that was made of it', () => {
    fs.writeFileSync(path.join(folder, 'tool.code'), compile(source, 'tool.bundle.cjs'));
    expectToRun();
  });

  it('runs it though V8 does not take the code', () => {
    fs.writeFileSync(path.join(folder, 'tool.code'), 'of another V8');
    expectToRun();
  });

  it('makes code that this V8 takes', () => {
    const script = new vm.Script(Module.wrap(source), { cachedData: compile(source, 'tool.bundle.cjs') });
    expect(script.cachedDataRejected).to.equal(false);
  });
});
