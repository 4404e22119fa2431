import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Everything that happened in a run, as one number: two runs of a seed that differ anywhere differ here. */
export interface Trace {
  note(event: string, bytes?: Uint8Array): void;
  /** A step begins at this simulated time. */
  step(nowMs: number): void;
  /** Sixteen hexadecimal digits. */
  hash(): string;
}

/** Hashing is cheap by the kilobyte and dear by the event. */
const charactersAtOnce = 32_768;
const timesAtOnce = 4096;

export function createTrace(): Trace {
  const hash = createHash('sha256');
  let text = '';
  /** As they are in memory: to write such numbers out is dear. */
  const times = Buffer.alloc(timesAtOnce * 8);
  let timesSize = 0;
  return {
    step(nowMs) {
      text += '@';
      timesSize = times.writeDoubleLE(nowMs, timesSize);
      if (timesSize < times.length) return;
      hash.update(times);
      timesSize = 0;
    },
    note(event, bytes) {
      text += bytes === undefined ? event : `${event}:${bytes.length}:${crc32(bytes)}`;
      if (text.length < charactersAtOnce) return;
      hash.update(text);
      text = '';
    },
    hash: () => hash.copy().update(text).update(times.subarray(0, timesSize)).digest('hex').slice(0, 16),
  };
}
