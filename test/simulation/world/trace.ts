import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Everything that happened in a run, as one number: two runs of a seed that differ anywhere differ here. */
export interface Trace {
  note(event: string, bytes?: Uint8Array): void;
  /** Sixteen hexadecimal digits. */
  hash(): string;
}

/** Hashing is cheap by the kilobyte and dear by the event. */
const charactersAtOnce = 32_768;

export function createTrace(): Trace {
  const hash = createHash('sha256');
  let text = '';
  return {
    note(event, bytes) {
      text += bytes === undefined ? event : `${event}:${bytes.length}:${crc32(bytes)}`;
      if (text.length < charactersAtOnce) return;
      hash.update(text);
      text = '';
    },
    hash: () => hash.copy().update(text).digest('hex').slice(0, 16),
  };
}
