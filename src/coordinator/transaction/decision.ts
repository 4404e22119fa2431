import type { ErrorName } from '../../protocol/errors.ts';
import type { Transaction } from './transaction.ts';

/** What a request makes of a transactional id: an answer at once (NONE where all is as asked for), or a record to store first. */
export type Decision =
  | { readonly kind: 'answer'; readonly error: ErrorName }
  | { readonly kind: 'store'; readonly next: Transaction };

export function answer(error: ErrorName): { readonly kind: 'answer'; readonly error: ErrorName } {
  return { kind: 'answer', error };
}
