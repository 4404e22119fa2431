import { WorkCancelled } from './workers.ts';

/** What a thread answers to a request. */
export type WorkerReply<Answer> = { readonly kind: 'answer'; readonly answer: Answer } | { readonly kind: 'error'; readonly error: CopiedError };

/** An error as it passes between threads: a copy of an Error object would lose its name and code. */
export interface CopiedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Of a system error: ENOSPC, EIO, … */
  readonly code: string | undefined;
}

export function copyError(error: unknown): CopiedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined, code: undefined };
  const { code } = error as NodeJS.ErrnoException;
  return { name: error.name, message: error.message, stack: error.stack, code: typeof code === 'string' ? code : undefined };
}

export function errorOf({ name, message, stack, code }: CopiedError): Error {
  if (name === 'WorkCancelled') return new WorkCancelled();
  const error = Object.assign(new Error(message), code === undefined ? {} : { code });
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
