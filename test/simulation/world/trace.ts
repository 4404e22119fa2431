import { createHash } from 'node:crypto';

/** Everything that happened in a run, as one number: two runs of a seed that differ anywhere differ here. */
export interface Trace {
  note(event: string, bytes?: Uint8Array): void;
  /** Sixteen hexadecimal digits. */
  hash(): string;
}

export function createTrace(): Trace {
  const hash = createHash('sha256');
  return {
    note(event, bytes) {
      hash.update(event);
      if (bytes !== undefined) hash.update(bytes);
    },
    hash: () => hash.copy().digest('hex').slice(0, 16),
  };
}
