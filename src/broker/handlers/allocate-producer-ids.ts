import type { Controller } from '../../controller/controller.ts';
import { allocateProducerIdsRequest, allocateProducerIdsResponse } from '../../protocol/messages/allocate-producer-ids.ts';
import type { AllocateProducerIdsRequest, AllocateProducerIdsResponseInput } from '../../protocol/messages/allocate-producer-ids.ts';
import type { Handler } from '../handler.ts';
import type { ProducerIds } from '../producer-ids.ts';

/** AllocateProducerIds, API key 67: a broker (inter.broker.protocol.version 3.0 and later) asks its controller for a block of producer ids (KIP-730). */
export function allocateProducerIdsHandler(controller: Controller, ids: ProducerIds): Handler<AllocateProducerIdsRequest, AllocateProducerIdsResponseInput> {
  return {
    request: allocateProducerIdsRequest,
    response: allocateProducerIdsResponse,
    async handle({ brokerId, brokerEpoch }, _context, answer) {
      await controller.requests().checkBroker(brokerId, brokerEpoch);
      const { firstId, lastId } = await ids.claimBlock(brokerId);
      answer({ errorCode: 0, producerIdStart: firstId, producerIdLen: lastId - firstId + 1 });
    },
    failed: (_request, code) => ({ errorCode: code, producerIdStart: 0, producerIdLen: 0 }),
  };
}
