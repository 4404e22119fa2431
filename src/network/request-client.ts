import { apiVersionsRequest, apiVersionsResponse } from '../protocol/messages/api-versions.ts';
import { KafkaError, errorByCode, errorCode } from '../protocol/errors.ts';
import { decodeResponseHeader, encodeRequest } from '../protocol/frame.ts';
import type { MessageSchema } from '../protocol/schema.ts';
import type { BufferPool } from '../runtime/buffer-pool.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Connection, Network } from '../runtime/network.ts';
import { createFrameReader } from './frame-reader.ts';
import type { Frame } from './frame-reader.ts';

/** Requests to one broker over one connection; answers come back in order. */
export interface RequestClient {
  readonly host: string;
  readonly port: number;
  /** Ranges that the broker advertised, by API key; undefined when not asked for. */
  readonly apiVersions: ReadonlyMap<number, VersionRange> | undefined;
  readonly isClosed: boolean;
  /** Highest version that both ends know, at most `highest`. @throws KafkaError UNSUPPORTED_VERSION */
  versionFor(schema: Pick<MessageSchema<unknown>, 'apiKey' | 'name' | 'minVersion' | 'maxVersion'>, highest?: number): number;
  /**
   * Resolves with the decoded answer, whose bytes fields are views of a buffer of its own; of one of the pool, where there is one, until `release`.
   * @throws KafkaError NETWORK_EXCEPTION when the connection is lost before the answer, REQUEST_TIMED_OUT after `timeoutMs`
   */
  send<Request, Response>(
    request: MessageSchema<unknown, Request>,
    response: MessageSchema<Response, never>,
    version: number,
    value: Request,
    timeoutMs: number,
  ): Promise<Response>;
  /** Sends a request that gets no answer (Produce with acks=0); resolves when the operating system has taken it. */
  sendUnanswered<Request>(request: MessageSchema<unknown, Request>, version: number, value: Request): Promise<void>;
  /** Nobody looks at the bytes of answers any more that came so far. */
  release(): void;
  close(): void;
}

export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

export interface RequestClientOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly connectTimeoutMs: number;
  /** Ask ApiVersions first, as clients do; brokers among themselves go by inter.broker.protocol.version. */
  readonly negotiate: boolean;
  /** Answers larger than this close the connection; default 2^31 - 1, as the size field allows. */
  readonly responseBytesMax?: number;
  /** Where answers lie; without it each has memory of its own, which is dear for large ones. */
  readonly pool?: BufferPool;
  readonly onClosed?: (error: Error | undefined) => void;
}

interface Waiting {
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
  readonly answered: (frame: Frame, bodyStart: number) => void;
  readonly failed: (error: KafkaError) => void;
  readonly timer: Timer;
}

/** @throws KafkaError NETWORK_EXCEPTION when no connection can be made */
export async function connectRequestClient(options: RequestClientOptions): Promise<RequestClient> {
  const { network, clock, host, port, pool } = options;
  /** Of the pool, with answers that may be looked at. */
  const lent: Buffer[] = [];
  const lending = pool === undefined ? undefined : { ...pool, giveBack: (buffer: Buffer) => void lent.push(buffer) };
  const reader = createFrameReader(options.responseBytesMax ?? 0x7fffffff, lending);
  const waiting: Waiting[] = [];
  let firstWaiting = 0;
  let nextCorrelationId = 0;
  let isClosed = false;
  let apiVersions: ReadonlyMap<number, VersionRange> | undefined;

  const connection: Connection = await network
    .connect(host, port, options.connectTimeoutMs, { data: received, closed })
    .catch((error: unknown) => {
      throw new KafkaError('NETWORK_EXCEPTION', `no connection to broker ${host}:${port}: ${(error as Error).message}`, { cause: error });
    });

  function received(bytes: Buffer): void {
    try {
      reader.feed(bytes);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) answer(frame, bytes);
      reader.keep();
    } catch (error) {
      fail(new KafkaError('NETWORK_EXCEPTION', `broker ${host}:${port} sent what cannot be read: ${(error as Error).message}`, { cause: error }));
    }
  }

  function answer(frame: Frame, shared: Buffer): void {
    const next = waiting[firstWaiting];
    if (next === undefined) throw new Error('an answer without a request');
    firstWaiting++;
    if (firstWaiting > 64 && firstWaiting * 2 > waiting.length) {
      waiting.splice(0, firstWaiting);
      firstWaiting = 0;
    }
    next.timer.cancel();
    const own = frame.buffer === shared ? ownFrame(frame, lending) : frame;
    const header = decodeResponseHeader(next.apiKey, next.version, own.buffer, own.start, own.end);
    if (header.correlationId !== next.correlationId) throw new Error(`correlation id ${header.correlationId} where ${next.correlationId} was due`);
    next.answered(own, header.bodyStart);
  }

  function closed(error: Error | undefined): void {
    fail(new KafkaError('NETWORK_EXCEPTION', `connection to broker ${host}:${port} was lost${error === undefined ? '' : `: ${error.message}`}`, { cause: error }));
  }

  function fail(error: KafkaError): void {
    if (isClosed) return;
    isClosed = true;
    connection.destroy();
    for (const request of waiting.splice(firstWaiting)) {
      request.timer.cancel();
      request.failed(error);
    }
    options.onClosed?.(error);
  }

  const client: RequestClient = {
    host,
    port,
    get apiVersions() {
      return apiVersions;
    },
    get isClosed() {
      return isClosed;
    },
    versionFor: (schema, highest = schema.maxVersion) => commonVersion(apiVersions, schema, highest, `${host}:${port}`),
    send(request, response, version, value, timeoutMs) {
      return new Promise((resolve, reject) => {
        if (isClosed) {
          reject(new KafkaError('NETWORK_EXCEPTION', `connection to broker ${host}:${port} is closed`));
          return;
        }
        const correlationId = nextCorrelationId;
        nextCorrelationId = (nextCorrelationId + 1) & 0x7fffffff;
        const frame = encodeRequest(request, version, correlationId, options.clientId, value);
        waiting.push({
          apiKey: request.apiKey,
          version,
          correlationId,
          // A late answer would shift all that follow, so a request that times out ends the connection, as in Kafka's clients.
          timer: clock.setTimer(timeoutMs, () =>
            fail(new KafkaError('REQUEST_TIMED_OUT', `broker ${host}:${port} did not answer ${request.name} within ${timeoutMs} ms`)),
          ),
          answered: (own, bodyStart) => {
            try {
              resolve(response.decode(own.buffer, bodyStart, own.end, version));
            } catch (error) {
              reject(new KafkaError('NETWORK_EXCEPTION', `broker ${host}:${port} sent a ${response.name} v${version} that cannot be read`, { cause: error }));
            }
          },
          failed: reject,
        });
        connection.write(frame);
      });
    },
    sendUnanswered(request, version, value) {
      if (isClosed) return Promise.reject(new KafkaError('NETWORK_EXCEPTION', `connection to broker ${host}:${port} is closed`));
      const correlationId = nextCorrelationId;
      nextCorrelationId = (nextCorrelationId + 1) & 0x7fffffff;
      const frame = encodeRequest(request, version, correlationId, options.clientId, value);
      return new Promise((resolve) => connection.write(frame, resolve));
    },
    release() {
      for (let buffer = lent.pop(); buffer !== undefined; buffer = lent.pop()) pool!.giveBack(buffer);
    },
    close() {
      fail(new KafkaError('NETWORK_EXCEPTION', `connection to broker ${host}:${port} was closed here`));
    },
  };
  if (options.negotiate) apiVersions = await negotiate(client, options.connectTimeoutMs);
  return client;
}

function ownFrame({ buffer, start, end }: Frame, pool: BufferPool | undefined): Frame {
  const own = pool?.borrow(end - start) ?? Buffer.allocUnsafe(end - start);
  buffer.copy(own, 0, start, end);
  pool?.giveBack(own); // when it is released
  return { buffer: own, start: 0, end: end - start };
}

const softwareName = 'ottla';
const softwareVersion = '0.1.0';

/** A refused version is answered in version 0, whatever was asked. */
const versionOrRefusal: typeof apiVersionsResponse = {
  ...apiVersionsResponse,
  decode: (buffer, start, end, version) =>
    apiVersionsResponse.decode(buffer, start, end, buffer.readInt16BE(start) === errorCode('UNSUPPORTED_VERSION') ? 0 : version),
};

/** ApiVersions, newest first; a broker that does not know the version answers in v0 with its own range (KIP-511). */
async function negotiate(client: RequestClient, timeoutMs: number): Promise<ReadonlyMap<number, VersionRange>> {
  const request = { clientSoftwareName: softwareName, clientSoftwareVersion: softwareVersion };
  try {
    let answer = await client.send(apiVersionsRequest, versionOrRefusal, 3, request, timeoutMs);
    if (answer.errorCode === errorCode('UNSUPPORTED_VERSION')) {
      answer = await client.send(apiVersionsRequest, apiVersionsResponse, 0, {}, timeoutMs);
    }
    if (answer.errorCode !== 0) throw new KafkaError(errorByCode(answer.errorCode), `broker ${client.host}:${client.port} refused ApiVersions`);
    return new Map(answer.apiKeys.map((api) => [api.apiKey, { min: api.minVersion, max: api.maxVersion }]));
  } catch (error) {
    client.close();
    throw error;
  }
}

function commonVersion(
  ranges: ReadonlyMap<number, VersionRange> | undefined,
  schema: Pick<MessageSchema<unknown>, 'apiKey' | 'name' | 'minVersion' | 'maxVersion'>,
  highest: number,
  broker: string,
): number {
  const most = Math.min(schema.maxVersion, highest);
  if (ranges === undefined) return most;
  const range = ranges.get(schema.apiKey);
  const version = range === undefined ? -1 : Math.min(range.max, most);
  if (range === undefined || version < range.min || version < schema.minVersion) {
    throw new KafkaError('UNSUPPORTED_VERSION', `broker ${broker} does not offer a version of ${schema.name} that this client speaks`);
  }
  return version;
}
