import { KafkaError } from '../../protocol/errors.ts';
import { initProducerIdRequest, initProducerIdResponse } from '../../protocol/messages/init-producer-id.ts';
import type { InitProducerIdRequest, InitProducerIdResponseInput } from '../../protocol/messages/init-producer-id.ts';
import type { Handler } from '../handler.ts';
import type { ProducerIds } from '../producer-ids.ts';

/** InitProducerId, API key 22: an id for an idempotent producer. Transactional ones are refused until transactions work. */
export function initProducerIdHandler(ids: ProducerIds): Handler<InitProducerIdRequest, InitProducerIdResponseInput> {
  return {
    request: initProducerIdRequest,
    response: initProducerIdResponse,
    async handle({ transactionalId }, _context, answer) {
      if (transactionalId === '') throw new KafkaError('INVALID_REQUEST', 'the transactional id is empty');
      if (transactionalId !== null) throw new KafkaError('UNSUPPORTED_VERSION', 'this broker has no transactions yet');
      answer({ errorCode: 0, producerId: await ids.next(), producerEpoch: 0 });
    },
    failed: (_request, code) => ({ errorCode: code, producerId: -1, producerEpoch: -1 }),
  };
}
