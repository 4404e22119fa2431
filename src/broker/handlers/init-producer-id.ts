import type { TransactionCoordinator } from '../../coordinator/transaction/coordinator.ts';
import type { ProducerIdAndEpoch } from '../../coordinator/transaction/init-producer-id.ts';
import { KafkaError, errorCode } from '../../protocol/errors.ts';
import { initProducerIdRequest, initProducerIdResponse } from '../../protocol/messages/init-producer-id.ts';
import type { InitProducerIdRequest, InitProducerIdResponseInput } from '../../protocol/messages/init-producer-id.ts';
import type { Handler } from '../handler.ts';
import type { ProducerIds } from '../producer-ids.ts';
import { fencedError } from './fenced-error.ts';

const none = -1;
/** Clients from then on know PRODUCER_FENCED. */
const firstVersionWithFenced = 4;

/** InitProducerId, API key 22: an id for an idempotent producer, or the next epoch of a transactional one. */
export function initProducerIdHandler(ids: ProducerIds, coordinator: TransactionCoordinator): Handler<InitProducerIdRequest, InitProducerIdResponseInput> {
  return {
    request: initProducerIdRequest,
    response: initProducerIdResponse,
    async handle(request, { apiVersion }, answer) {
      const { transactionalId, transactionTimeoutMs: timeoutMs } = request;
      const expected = expectedOf(request);
      if (transactionalId === null) {
        answer({ errorCode: 0, producerId: await ids.next(), producerEpoch: 0 });
        return;
      }
      coordinator.initProducerId(transactionalId, { timeoutMs, expected }, (error, given) => {
        answer({ errorCode: errorCode(fencedError(error, apiVersion, firstVersionWithFenced)), producerId: given?.producerId ?? none, producerEpoch: given?.epoch ?? none });
      });
    },
    failed: (_request, code) => ({ errorCode: code, producerId: none, producerEpoch: none }),
  };
}

/** @throws KafkaError INVALID_REQUEST for an id without epoch or an epoch without id */
function expectedOf({ producerId, producerEpoch }: InitProducerIdRequest): ProducerIdAndEpoch | undefined {
  if (producerId === none && producerEpoch === none) return undefined;
  if (producerId === none || producerEpoch === none) throw new KafkaError('INVALID_REQUEST', 'a producer id comes with its epoch');
  return { producerId, epoch: producerEpoch };
}
