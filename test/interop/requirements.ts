import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Software that nobody here wrote, fetched on first use from its usual registry into a cache beside the user's others. */
const cacheDirectory = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'ottla-interop');

function run(command: string, args: readonly string[], cwd?: string): void {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
}

function isOnPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => fs.existsSync(path.join(folder, command)));
}

/** Installs a Debian package when its command is missing. */
function debian(command: string, packages: readonly string[]): string {
  if (isOnPath(command)) return command;
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages]);
  return command;
}

export const kcat = (): string => debian('kcat', ['kcat']);

export function javaAndMaven(): void {
  debian('javac', ['openjdk-17-jdk-headless']);
  debian('mvn', ['maven']);
}

/** A Python with these packages, in an environment of its own. */
export function python(): string {
  const home = path.join(cacheDirectory, 'python-1');
  const executable = path.join(home, 'bin/python');
  if (!fs.existsSync(path.join(home, '.complete'))) {
    debian('python3', ['python3', 'python3-venv']);
    fs.rmSync(home, { recursive: true, force: true });
    fs.mkdirSync(cacheDirectory, { recursive: true });
    run('python3', ['-m', 'venv', home]);
    run(executable, ['-m', 'pip', 'install', '--quiet', 'kafka-python==3.0.12', 'confluent-kafka==2.16.1', 'kazoo==2.11.0', 'python-snappy', 'lz4', 'zstandard', 'crc32c']);
    fs.writeFileSync(path.join(home, '.complete'), '');
  }
  return executable;
}

/** A package from npm that is a client of Kafka, imported from an own folder so that the project does not depend on it. */
export const nodeClients = (): NodeJS.Require => createRequire(path.join(nodeClientsFolder(), 'package.json'));

/** The folder that packages from npm were installed in. */
export function nodeClientsFolder(): string {
  const home = path.join(cacheDirectory, 'node-1');
  if (!fs.existsSync(path.join(home, '.complete'))) {
    fs.mkdirSync(home, { recursive: true });
    fs.writeFileSync(path.join(home, 'package.json'), '{ "private": true }\n');
    run('npm', ['install', '--silent', '--prefix', home, 'kafkajs@2.2.4', 'kafkajs-snappy', 'kafkajs-lz4']);
    fs.writeFileSync(path.join(home, '.complete'), '');
  }
  return home;
}

const goFolder = path.join(import.meta.dirname, 'scripts/go');

/** The program with franz-go and sarama, compiled when its sources are new. */
export function goClients(): string {
  const hash = createHash('sha256');
  for (const name of fs.readdirSync(goFolder).sort()) hash.update(fs.readFileSync(path.join(goFolder, name)));
  const executable = path.join(cacheDirectory, `go-clients-${hash.digest('hex').slice(0, 16)}`);
  if (!fs.existsSync(executable)) {
    fs.mkdirSync(cacheDirectory, { recursive: true });
    const unfinished = `${executable}-${process.pid}`;
    run(debian('go', ['golang']), ['build', '-o', unfinished, '.'], goFolder);
    fs.renameSync(unfinished, executable);
  }
  return executable;
}
