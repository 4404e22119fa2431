import { array, int16, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** ListTransactionsRequest, API key 66, versions 0 to 1, flexible from 0. */
export const listTransactionsRequest = message('ListTransactionsRequest', { apiKey: 66, versions: [0, 1], flexibleSince: 0 }, {
  stateFilters: array(string()),
  producerIdFilters: array(int64()),
  durationFilter: int64({ since: 1, default: -1 }),
});
export type ListTransactionsRequest = Decoded<typeof listTransactionsRequest>;
export type ListTransactionsRequestInput = Input<typeof listTransactionsRequest>;

/** ListTransactionsResponse, API key 66, versions 0 to 1, flexible from 0. */
export const listTransactionsResponse = message('ListTransactionsResponse', { apiKey: 66, versions: [0, 1], flexibleSince: 0 }, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  unknownStateFilters: array(string()),
  transactionStates: array(struct({
    transactionalId: string(),
    producerId: int64(),
    transactionState: string(),
  })),
});
export type ListTransactionsResponse = Decoded<typeof listTransactionsResponse>;
export type ListTransactionsResponseInput = Input<typeof listTransactionsResponse>;
