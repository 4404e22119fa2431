import { decodeResponseHeader, encodeRequest } from '../../../src/protocol/frame.ts';
import { fetchRequest, fetchResponse } from '../../../src/protocol/messages/fetch.ts';
import { nextOffset, readBatches } from '../../../src/record/batch.ts';
import { connectFrames } from './frame-connection.ts';
import type { FrameConnection } from './frame-connection.ts';

/** One connection that follows the ends of some partitions with long polls, as a consumer does. */
export interface TailConsumer {
  close(): void;
}

export interface TailOptions {
  readonly port: number;
  readonly topic: string;
  /** Partition to the offset to begin with. */
  readonly offsets: ReadonlyMap<number, number>;
  readonly partitionBytesMax: number;
  /** Called for each batch that arrives. */
  readonly onBatch: (bytes: Buffer, start: number) => void;
  readonly onError: (error: Error) => void;
}

const version = 12;
const maxWaitMs = 500;

export async function startTailConsumer({ port, topic, offsets, partitionBytesMax, onBatch, onError }: TailOptions): Promise<TailConsumer> {
  const positions = new Map(offsets);
  const poll = (connection: FrameConnection): void => {
    const partitions = Array.from(positions, ([partition, fetchOffset]) => ({ partition, fetchOffset, partitionMaxBytes: partitionBytesMax }));
    const request = { maxWaitMs, minBytes: 1, maxBytes: 52_428_800, sessionEpoch: -1, topics: [{ topic, partitions }] };
    connection.send(Buffer.concat(encodeRequest(fetchRequest, version, 1, 'bench', request)));
  };
  const take = (body: Buffer): void => {
    const { bodyStart } = decodeResponseHeader(1, version, body, 0, body.length);
    for (const { partitions } of fetchResponse.decode(body, bodyStart, body.length, version).responses) {
      for (const { partitionIndex, errorCode, records } of partitions) {
        if (errorCode !== 0) throw new Error(`a fetch of ${topic}-${partitionIndex} was answered with error ${errorCode}`);
        if (records === null) continue;
        const bytes = Buffer.from(records.buffer, records.byteOffset, records.byteLength);
        for (const start of readBatches(bytes)) {
          onBatch(bytes, start);
          positions.set(partitionIndex, nextOffset(bytes, start));
        }
      }
    }
  };
  const connection = await connectFrames(port, {
    answer(body) {
      try {
        take(body);
        poll(connection);
      } catch (error) {
        connection.close();
        onError(error as Error);
      }
    },
    failed: onError,
  });
  poll(connection);
  return { close: () => connection.close() };
}
