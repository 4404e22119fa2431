import { encodeRequest } from '../../../src/protocol/frame.ts';
import { produceRequest } from '../../../src/protocol/messages/produce.ts';
import { batchSizeBytes } from '../../../src/record/batch.ts';
import { buildBatch } from '../../../src/record/build.ts';

const produceVersion = 9;
/** A record's last byte says that it has no headers; the number is before it. */
const numberFromEnd = 5;

/** Produce requests of one record each, for the partitions in turn; the value ends with the request's number. */
export function numberedFrames(topic: string, partitions: number, recordBytes: number, count: number): Buffer[] {
  const value = Buffer.alloc(recordBytes, 'x');
  const timestamp = Date.now();
  return Array.from({ length: count }, (_, number) => {
    value.writeUInt32BE(number, recordBytes - 4);
    const records = buildBatch({}, [{ key: null, value, timestamp }]);
    const topicData = [{ name: topic, partitionData: [{ index: number % partitions, records }] }];
    return Buffer.concat(encodeRequest(produceRequest, produceVersion, 1, 'bench', { acks: 1, timeoutMs: 30_000, topicData }));
  });
}

/** The number in a batch that came from such a request. */
export const numberIn = (batch: Buffer, start: number): number => batch.readUInt32BE(start + batchSizeBytes(batch, start) - numberFromEnd);
