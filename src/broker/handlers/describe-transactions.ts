import type { TransactionCoordinator } from '../../coordinator/transaction/coordinator.ts';
import { errorCode } from '../../protocol/errors.ts';
import { describeTransactionsRequest, describeTransactionsResponse } from '../../protocol/messages/describe-transactions.ts';
import type { DescribeTransactionsRequest, DescribeTransactionsResponseInput } from '../../protocol/messages/describe-transactions.ts';
import type { Handler } from '../handler.ts';

/** DescribeTransactions, API key 65: transactional ids that this broker coordinates (KIP-664). */
export function describeTransactionsHandler(coordinator: TransactionCoordinator): Handler<DescribeTransactionsRequest, DescribeTransactionsResponseInput> {
  return {
    request: describeTransactionsRequest,
    response: describeTransactionsResponse,
    handle({ transactionalIds }, _context, answer) {
      answer({
        transactionStates: transactionalIds.map((transactionalId) => {
          const found = coordinator.describe(transactionalId);
          if (typeof found === 'string') return { transactionalId, errorCode: errorCode(found) };
          return {
            transactionalId,
            errorCode: 0,
            transactionState: found.state,
            transactionTimeoutMs: found.timeoutMs,
            transactionStartTimeMs: found.startMs,
            producerId: found.producerId,
            producerEpoch: found.producerEpoch,
            topics: Array.from(found.partitions, ([topic, partitions]) => ({ topic, partitions: [...partitions] })),
          };
        }),
      });
    },
    failed: ({ transactionalIds }, code) => ({ transactionStates: transactionalIds.map((transactionalId) => ({ transactionalId, errorCode: code })) }),
  };
}
