import type { TransactionCoordinator } from '../../coordinator/transaction/coordinator.ts';
import { errorCode } from '../../protocol/errors.ts';
import { endTxnRequest, endTxnResponse } from '../../protocol/messages/end-txn.ts';
import type { EndTxnRequest, EndTxnResponseInput } from '../../protocol/messages/end-txn.ts';
import type { Handler } from '../handler.ts';
import { fencedError } from './fenced-error.ts';

const firstVersionWithFenced = 2;

/** EndTxn, API key 26: commits or aborts. Answered when the outcome is stored; it is then carried out in any case. */
export function endTxnHandler(coordinator: TransactionCoordinator): Handler<EndTxnRequest, EndTxnResponseInput> {
  return {
    request: endTxnRequest,
    response: endTxnResponse,
    handle({ transactionalId, producerId, producerEpoch, committed }, { apiVersion }, answer) {
      coordinator.endTransaction(transactionalId, { producerId, epoch: producerEpoch }, committed ? 'commit' : 'abort', (error) => {
        answer({ errorCode: errorCode(fencedError(error, apiVersion, firstVersionWithFenced)) });
      });
    },
    failed: (_request, code) => ({ errorCode: code }),
  };
}
