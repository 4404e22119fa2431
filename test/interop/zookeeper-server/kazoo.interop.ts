import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { freePort } from '../real-kafka.ts';

/** kazoo's own tests, from its source package, on our server in place of its ensemble of Java servers. */
const version = '2.11.0';
const home = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'ottla-interop', `kazoo-tests-${version}`);
const python = path.join(home, 'venv/bin/python');
const source = path.join(home, `kazoo-${version}`);

/** Each needs what one standalone server is not, and fails on Apache ZooKeeper alone too: several servers, TLS, reconfigEnabled. */
const needsMore = ['test_update_host_list', 'TestSSLClient', 'TestReconfig', 'TestReadOnlyMode'];

function prepare(): void {
  if (fs.existsSync(path.join(home, '.complete'))) return;
  fs.rmSync(home, { recursive: true, force: true });
  fs.mkdirSync(home, { recursive: true });
  const run = (command: string, ...args: readonly string[]): unknown => execFileSync(command, args, { cwd: home, stdio: ['ignore', 'ignore', 'pipe'] });
  run('python3', '-m', 'venv', 'venv');
  run(python, '-m', 'pip', 'install', '--quiet', `kazoo==${version}`, 'pytest', 'pyOpenSSL', 'pyjks', 'objgraph', 'gevent', 'eventlet');
  run(python, '-m', 'pip', 'download', '--quiet', '--no-deps', '--no-binary', ':all:', `kazoo==${version}`);
  run('tar', 'xzf', `kazoo-${version}.tar.gz`);
  fs.writeFileSync(path.join(home, '.complete'), '');
}

describe('kazoo', function () {
  this.timeout(900_000);

  it('passes its own tests on our ZooKeeper server', async () => {
    prepare();
    const serve = `${process.execPath} --import ${pathToFileURL(createRequire(import.meta.url).resolve('tsx'))} ${path.join(import.meta.dirname, 'serve.ts')} {port} {dir} 2000`;
    const run = spawnSync(python, ['-m', 'pytest', '-p', 'kazoo_single_server', '-p', 'no:cacheprovider', '-q', '--no-header', '--tb=short', '-o', 'log_cli=false', '-k', needsMore.map((name) => `not ${name}`).join(' and '), 'kazoo/tests'], {
      cwd: source,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, PYTHONPATH: import.meta.dirname, PYTHONDONTWRITEBYTECODE: '1', ZOOKEEPER_COMMAND: serve, ZOOKEEPER_TEST_PORT: String(await freePort()), ZOOKEEPER_VERSION: '3.8.4', CI: 'true' },
    });
    const summary = run.stdout.trimEnd().split('\n').slice(-30).join('\n');
    expect(run.status, `${summary}\n${run.stderr}`).to.equal(0);
    expect(summary).to.match(/4\d\d passed/);
  });
});
