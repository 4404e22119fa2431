import net from 'node:net';
import { decodeResponseHeader, encodeRequest } from '../../../src/protocol/frame.ts';
import { fetchRequest } from '../../../src/protocol/messages/fetch.ts';
import { produceRequest, produceResponse } from '../../../src/protocol/messages/produce.ts';
import { buildBatch } from '../../../src/record/build.ts';

/**
 * A load generator that hardly uses CPU: requests are encoded once and sent again and again; of the answers only the
 * size is read, and the first one is decoded to see that it is no error.
 */
export interface LoadResult {
  readonly requests: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Milliseconds from sending to answer, ascending; empty where not asked for. */
  readonly latenciesMs: readonly number[];
}

export interface Load {
  readonly port: number;
  readonly connections: number;
  /** Requests open on each connection. */
  readonly inFlight: number;
  readonly seconds: number;
  /** The request of each connection. */
  readonly frame: (connection: number) => Buffer;
  /** Counted per request: what it carries to the broker; else the answer's size is counted. */
  readonly payloadBytes?: number;
  /** Called with the first answer of each connection (without its size). */
  readonly check: (answer: Buffer) => void;
  readonly keepLatencies?: boolean;
  /** Requests per second over all connections; default: as fast as answers come. */
  readonly ratePerSecond?: number;
}

const produceVersion = 9;
const fetchVersion = 12;

export function produceFrame(topic: string, partition: number, recordBytes: number, recordsPerBatch: number): { readonly frame: Buffer; readonly payloadBytes: number } {
  const value = Buffer.alloc(recordBytes, 'x');
  const records = buildBatch({}, Array.from({ length: recordsPerBatch }, () => ({ key: null, value, timestamp: Date.now() })));
  const request = { acks: 1, timeoutMs: 30_000, topicData: [{ name: topic, partitionData: [{ index: partition, records }] }] };
  return { frame: Buffer.concat(encodeRequest(produceRequest, produceVersion, 1, 'bench', request)), payloadBytes: records.length };
}

export function checkProduceAnswer(answer: Buffer): void {
  const { bodyStart } = decodeResponseHeader(0, produceVersion, answer, 0, answer.length);
  const code = produceResponse.decode(answer, bodyStart, answer.length, produceVersion).responses[0]?.partitionResponses[0]?.errorCode;
  if (code !== 0) throw new Error(`produce was answered with error ${code}`);
}

export function fetchFrame(topic: string, partition: number, offset: number, bytesMax: number): Buffer {
  const request = {
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: bytesMax,
    sessionEpoch: -1,
    topics: [{ topic, partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: bytesMax }] }],
  };
  return Buffer.concat(encodeRequest(fetchRequest, fetchVersion, 1, 'bench', request));
}

export async function runLoad(load: Load): Promise<LoadResult> {
  const start = performance.now();
  const endAt = start + load.seconds * 1000;
  const results = await Promise.all(Array.from({ length: load.connections }, (_, connection) => runConnection(load, connection, endAt)));
  const seconds = (performance.now() - start) / 1000;
  return {
    requests: results.reduce((sum, { requests }) => sum + requests, 0),
    bytes: results.reduce((sum, { bytes }) => sum + bytes, 0),
    seconds,
    latenciesMs: results.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b),
  };
}

function runConnection(load: Load, connection: number, endAt: number): Promise<Omit<LoadResult, 'seconds'>> {
  const frame = load.frame(connection);
  const latenciesMs: number[] = [];
  const sentAt: number[] = [];
  let requests = 0;
  let bytes = 0;
  let open = 0;
  const size = Buffer.alloc(4);
  let sizeBytes = 0;
  let bodyLeft = 0;
  let firstAnswer: Buffer[] | undefined = [];

  return new Promise((resolve, reject) => {
    const socket = net.connect({
      host: '127.0.0.1',
      port: load.port,
      noDelay: true,
      onread: {
        buffer: Buffer.alloc(1 << 20),
        callback(count, chunk) {
          read(Buffer.from(chunk.buffer, chunk.byteOffset, count));
          return true;
        },
      },
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the broker closed the connection')));
    socket.once('connect', () => {
      if (load.ratePerSecond === undefined) for (let count = 0; count < load.inFlight; count++) send();
      else pace(load.ratePerSecond / load.connections);
    });

    function send(): void {
      open++;
      if (load.keepLatencies === true) sentAt.push(performance.now());
      socket.write(frame);
    }

    function pace(ratePerSecond: number): void {
      const begin = performance.now();
      let sent = 0;
      const timer = setInterval(() => {
        const now = performance.now();
        const due = ((now - begin) / 1000) * ratePerSecond;
        while (sent < due && now < endAt) {
          send();
          sent++;
        }
        if (now >= endAt) {
          clearInterval(timer);
          if (open === 0) finish();
        }
      }, 1);
    }

    function answered(): void {
      requests++;
      open--;
      bytes += load.payloadBytes ?? size.readInt32BE(0);
      if (load.keepLatencies === true) latenciesMs.push(performance.now() - sentAt.shift()!);
      if (firstAnswer !== undefined) {
        const whole = Buffer.concat(firstAnswer);
        firstAnswer = undefined;
        try {
          load.check(whole);
        } catch (error) {
          socket.destroy(error as Error);
        }
      }
      if (performance.now() < endAt) {
        if (load.ratePerSecond === undefined) send();
      } else if (open === 0) finish();
    }

    function finish(): void {
      socket.removeAllListeners('close');
      socket.destroy();
      resolve({ requests, bytes, latenciesMs });
    }

    function read(chunk: Buffer): void {
      let at = 0;
      while (at < chunk.length) {
        if (sizeBytes < 4) {
          size[sizeBytes++] = chunk[at++]!;
          if (sizeBytes === 4) bodyLeft = size.readInt32BE(0);
          continue;
        }
        const taken = Math.min(bodyLeft, chunk.length - at);
        firstAnswer?.push(Buffer.from(chunk.subarray(at, at + taken)));
        at += taken;
        bodyLeft -= taken;
        if (bodyLeft === 0) {
          sizeBytes = 0;
          answered();
        }
      }
    }
  });
}

export function percentile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? Number.NaN;
}
