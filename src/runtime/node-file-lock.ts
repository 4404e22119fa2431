import fs from 'node:fs';

/**
 * Holds a file for this process by writing its process id into it. Node has no flock: the id is checked against the
 * running processes, and on Linux against their start time too, so that a lock left behind by a kill is never in the way.
 * A directory in use by a Java broker is not seen by this (it locks by fcntl); its port and its znode tell instead.
 */
export function lockFile(path: string): { release(): void } | undefined {
  const holder = readHolder(path);
  if (holder !== undefined && isRunning(holder)) return undefined;
  const mine = `${process.pid} ${startTimeOf(process.pid) ?? ''}`.trim();
  fs.writeFileSync(path, `${mine}\n`);
  return {
    release() {
      if (readHolder(path)?.text === mine) fs.truncateSync(path, 0);
    },
  };
}

interface Holder {
  readonly text: string;
  readonly processId: number;
  readonly startTime: string | undefined;
}

function readHolder(path: string): Holder | undefined {
  if (!fs.existsSync(path)) return undefined;
  const text = fs.readFileSync(path, 'latin1').trim();
  const found = /^(\d+)(?: (\d+))?$/.exec(text);
  return found === null ? undefined : { text, processId: Number(found[1]), startTime: found[2] };
}

function isRunning(holder: Holder): boolean {
  try {
    process.kill(holder.processId, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const stat = statOf(holder.processId);
  if (stat?.state === 'Z' || stat?.state === 'X') return false; // killed; its parent has not asked for its exit status yet
  return stat === undefined || holder.startTime === undefined || stat.startTime === holder.startTime;
}

function startTimeOf(processId: number): string | undefined {
  return statOf(processId)?.startTime;
}

/** One letter for what a process is doing, and clock ticks from boot to its start; undefined where there is no /proc. */
function statOf(processId: number): { readonly state: string | undefined; readonly startTime: string | undefined } | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${processId}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], startTime: fields[19] };
  } catch {
    return undefined;
  }
}
