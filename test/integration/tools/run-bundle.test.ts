import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../../support/processes.ts';

const runner = path.join(import.meta.dirname, '../../../dist/tools/run-bundle.cjs');
const greeting = "(function(exports,require,module,__filename,__dirname){console.log('hello from',require('node:path').basename(__filename),process.argv.slice(2).join())})";

describe('a launcher of a bundle', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
    fs.writeFileSync(path.join(folder, 'greet.js'), greeting);
    fs.writeFileSync(path.join(folder, 'launch.cjs'), `require(${JSON.stringify(runner)}).runBundle(require('node:path').join(__dirname, 'greet.js'), module, require);`);
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  const run = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(folder, 'launch.cjs'), ...args], { encoding: 'utf8' });
    expect(status, stderr).to.equal(0);
    return stdout;
  };
  const kept = (): string[] => fs.readdirSync(folder).filter((name) => name.startsWith('greet.js.'));

  it('stands in the place of the bundle, and keeps the compiled code for the next run', () => {
    expect(run('you')).to.equal('hello from launch.cjs you\n');
    expect(kept()).to.deep.equal([`greet.js.${process.version}-${process.arch}`]);
    expect(run('again')).to.equal('hello from launch.cjs again\n');
    expect(kept()).to.have.length(1);
  });

  it('keeps nothing of a run that only shows help', () => {
    run('--help');
    expect(kept()).to.deep.equal([]);
  });

  it('compiles anew what was damaged, and keeps that', () => {
    const file = path.join(folder, `greet.js.${process.version}-${process.arch}`);
    fs.writeFileSync(file, 'no code at all');
    expect(run('you')).to.equal('hello from launch.cjs you\n');
    expect(fs.statSync(file).size).to.be.greaterThan(100);
  });
});
