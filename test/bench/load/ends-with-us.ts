import type { ChildProcess } from 'node:child_process';
import process from 'node:process';

const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Nobody outlives a run that is broken off. */
export function endsWithUs(child: ChildProcess): void {
  running.add(child);
  child.once('close', () => running.delete(child));
}
