import type { TransactionCoordinator } from '../../coordinator/transaction/coordinator.ts';
import { errorCode } from '../../protocol/errors.ts';
import { listTransactionsRequest, listTransactionsResponse } from '../../protocol/messages/list-transactions.ts';
import type { ListTransactionsRequest, ListTransactionsResponseInput } from '../../protocol/messages/list-transactions.ts';
import type { Handler } from '../handler.ts';

/** ListTransactions, API key 66: the transactional ids that this broker coordinates (KIP-664, KIP-994). */
export function listTransactionsHandler(coordinator: TransactionCoordinator): Handler<ListTransactionsRequest, ListTransactionsResponseInput> {
  return {
    request: listTransactionsRequest,
    response: listTransactionsResponse,
    handle({ stateFilters, producerIdFilters, durationFilter }, _context, answer) {
      const { error, unknownStates, transactions } = coordinator.list({ states: stateFilters, producerIds: producerIdFilters, durationMs: durationFilter });
      answer({
        errorCode: errorCode(error),
        unknownStateFilters: [...unknownStates],
        transactionStates: transactions.map(({ transactionalId, producerId, state }) => ({ transactionalId, producerId, transactionState: state })),
      });
    },
    failed: (_request, code) => ({ errorCode: code }),
  };
}
