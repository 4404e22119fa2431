import { KafkaError, errorByCode } from '../protocol/errors.ts';
import { allocateProducerIdsRequest, allocateProducerIdsResponse } from '../protocol/messages/allocate-producer-ids.ts';
import type { ProducerIdBlock } from '../zookeeper/znodes/latest-producer-id-block.ts';
import type { BrokerChannels } from './broker-channels.ts';
import type { MetadataCache } from './metadata-cache.ts';

export interface AskControllerOptions {
  readonly brokerId: number;
  readonly brokerEpoch: () => number;
  readonly cache: MetadataCache;
  readonly channels: BrokerChannels;
}

/** From inter.broker.protocol.version 3.0 on the controller gives out blocks of producer ids (KIP-730); where that is this broker, it takes one itself. */
export function askControllerForProducerIds({ brokerId, brokerEpoch, cache, channels }: AskControllerOptions): (claimHere: () => Promise<ProducerIdBlock>) => Promise<ProducerIdBlock> {
  return async (claimHere) => {
    const { controllerId } = cache;
    if (controllerId === brokerId) return claimHere();
    const request = { brokerId, brokerEpoch: brokerEpoch() };
    const { errorCode, producerIdStart, producerIdLen } = await channels.send(controllerId, allocateProducerIdsRequest, allocateProducerIdsResponse, { lowest: 0, highest: 0 }, request);
    if (errorCode !== 0) throw new KafkaError(errorByCode(errorCode), `the controller ${controllerId} gives no producer ids: ${errorByCode(errorCode)}`);
    return { brokerId, firstId: producerIdStart, lastId: producerIdStart + producerIdLen - 1 };
  };
}
