import fs from 'node:fs';
import type { Terminal } from '../../../src/tools/terminal.ts';

export interface MemoryTerminal extends Terminal {
  readonly outText: string;
  readonly errText: string;
  /** Delivers SIGINT (130) or SIGTERM (143). */
  signal(exitCode: number): void;
}

/** A terminal in memory, which keeps what is printed. */
export function memoryTerminal(input = '', isInteractive = false): MemoryTerminal {
  const out: Uint8Array[] = [];
  let errText = '';
  const listeners = new Set<(exitCode: number) => void>();
  return {
    out: (text) => void out.push(Buffer.from(text)),
    err: (text) => {
      errText += text;
    },
    input: (async function* chunks(): AsyncGenerator<Uint8Array, void> {
      if (input !== '') yield Buffer.from(input);
    })(),
    isInteractive,
    readFile: (path) => fs.readFileSync(path),
    now: () => new Date(0),
    onSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get outText() {
      return Buffer.concat(out).toString();
    },
    get errText() {
      return errText;
    },
    signal(exitCode) {
      for (const listener of listeners) listener(exitCode);
    },
  };
}
