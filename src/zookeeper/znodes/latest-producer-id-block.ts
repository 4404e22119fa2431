import { encodeJson, ZnodeObject } from './json.ts';

/** `/latest_producer_id_block`: the last block of producer ids given out. */
export interface ProducerIdBlock {
  readonly brokerId: number;
  readonly firstId: number;
  /** Inclusive. */
  readonly lastId: number;
}

export const producerIdBlockSize = 1000;

export function encodeProducerIdBlock({ brokerId, firstId, lastId }: ProducerIdBlock): Buffer {
  return encodeJson({ version: 1, broker: brokerId, block_start: String(firstId), block_end: String(lastId) });
}

/**
 * Undefined while no block was given out (no data).
 *
 * @throws MalformedZnode
 */
export function decodeProducerIdBlock(bytes: Uint8Array): ProducerIdBlock | undefined {
  if (bytes.byteLength === 0) return undefined;
  const object = ZnodeObject.parse('producer id block', bytes);
  return { brokerId: object.integer('broker'), firstId: object.integerText('block_start'), lastId: object.integerText('block_end') };
}
