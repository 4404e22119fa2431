import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

/** A process of this machine. */
export interface RunningProcess {
  readonly pid: number;
  /** Its command line, words separated by blanks. */
  readonly command: string;
}

/** Processes whose command line matches, this one and its parents left out; found with `ps`, or in /proc where there is none. */
export function findProcesses(pattern: RegExp): RunningProcess[] {
  return (fromPs() ?? fromProc()).filter(({ pid, command }) => pid !== process.pid && pid !== process.ppid && pattern.test(`${command} `));
}

function fromPs(): RunningProcess[] | undefined {
  const { status, stdout } = spawnSync('ps', ['ax', '-ww', '-o', 'pid=,args='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) return undefined;
  return stdout.split('\n').flatMap((line) => {
    const found = /^\s*(\d+)\s+(.*)$/.exec(line);
    return found === null ? [] : [{ pid: Number(found[1]), command: found[2] ?? '' }];
  });
}

function fromProc(): RunningProcess[] {
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const command = fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return command === '' ? [] : [{ pid: Number(name), command }];
    } catch {
      return []; // it has ended since
    }
  });
}

/**
 * Sends $SIGNAL, TERM unless set, and does not wait.
 *
 * @returns the exit code: 1 where there is nothing to stop, or a process cannot be signalled
 */
export function stopProcesses(processes: readonly RunningProcess[], what: string): number {
  if (processes.length === 0) {
    process.stdout.write(`No ${what} server to stop\n`);
    return 1;
  }
  const signal = signalOf(process.env['SIGNAL'] ?? '');
  let exitCode = 0;
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ESRCH') continue;
      process.stderr.write(`cannot stop process ${pid}: ${code === 'EPERM' ? 'it belongs to another user' : (error as Error).message}\n`);
      exitCode = 1;
    }
  }
  return exitCode;
}

/** `TERM`, `SIGTERM` or a number, as kill -s takes it. */
function signalOf(text: string): NodeJS.Signals | number {
  if (text === '') return 'SIGTERM';
  if (/^\d+$/.test(text)) return Number(text);
  return (text.startsWith('SIG') ? text : `SIG${text}`) as NodeJS.Signals;
}
