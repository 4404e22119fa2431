import { readFileSync } from 'node:fs';
import { Shell } from '../../../src/tools/zookeeper-shell/shell.ts';

export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as T;
}

/** Sessions of the real shell (Apache ZooKeeper 3.8.4), each on an empty server; times and zxids taken out, `{Z}` for its address. */
export const sessions = readJson<readonly (Run & { readonly name: string; readonly stdin: string })[]>('zookeeper-shell-sessions.json');

export const banner = 'Welcome to ZooKeeper!\nJLine support is disabled\n';

/** Without what differs from run to run: times, zxids, the order of what the server keeps in sets, and when the event thread of the real shell tells of the close. */
export function comparable(text: string, address: string): string {
  return text
    .replaceAll(address, '{Z}')
    .replace(/(time) = .*/g, '$1 = T')
    .replace(/(Zxid) = .*/g, '$1 = Z')
    .replace(/^\[(.*)\]$/gm, (_, list: string) => `[${list.split(', ').toSorted().join(', ')}]`)
    .replace(/(?:\nWATCHER::\n\nWatchedEvent state:\w+ type:\w+WatchRemoved path:.*\n)+/g, (events) => events.split('\nWATCHER::\n').toSorted().join('\nWATCHER::\n'))
    .replace(/(Not connected\n)(\nWATCHER::\n\nWatchedEvent state:Closed .*\n)/g, '$2$1')
    .replace(/(\nWATCHER::\n)(Not connected\n)(\nWatchedEvent state:Closed .*\n)/g, '$1$3$2')
    .replace(/(?:^(?:ip|digest): .*\n)+/gm, (lines) => lines.split('\n').toSorted().join('\n'));
}

export function openShell(connectString: string): { readonly shell: Shell; readonly printed: { stdout: string; stderr: string } } {
  const printed = { stdout: '', stderr: '' };
  const shell = new Shell({
    connectString, timeoutMs: 30_000,
    print: (text) => { printed.stdout += text; },
    complain: (line) => { printed.stderr += `${line}\n`; },
  });
  return { shell, printed };
}

/** Gives our shell the lines, and what it prints with what the program prints before. */
export async function playSession(address: string, stdin: string): Promise<Run> {
  const { shell, printed } = openShell(address);
  await shell.session.connected;
  for (const line of stdin.replaceAll('{Z}', address).split('\n')) {
    await shell.execute(line);
    if (shell.isEnded) break;
  }
  shell.drop();
  return { stdout: `Connecting to ${address}\n${banner}${printed.stdout}`, stderr: printed.stderr, exitCode: shell.exitCode };
}
