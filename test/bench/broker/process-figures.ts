import fs from 'node:fs';

/** What the operating system counts for a process (Linux: /proc). */
export interface ProcessFigures {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

const ticksPerSecond = 100;

export function figuresOf(processId: number): ProcessFigures {
  const stat = fs.readFileSync(`/proc/${processId}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = fs.readFileSync(`/proc/${processId}/status`, 'latin1');
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(status);
  return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond, residentBytes: Number(resident?.[1] ?? 0) * 1024 };
}

/** What some processes together took while `run` ran. */
export async function cpuSecondsOf<T>(processIds: readonly number[], run: () => Promise<T>): Promise<{ readonly cpuSeconds: number; readonly result: T }> {
  const total = (): number => processIds.reduce((sum, processId) => sum + figuresOf(processId).cpuSeconds, 0);
  const before = total();
  const result = await run();
  return { cpuSeconds: total() - before, result };
}
