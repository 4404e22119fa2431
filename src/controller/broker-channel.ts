import { connectRequestClient } from '../network/request-client.ts';
import type { RequestClient } from '../network/request-client.ts';
import type { MessageSchema } from '../protocol/schema.ts';
import type { Clock } from '../runtime/clock.ts';
import { sleep } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Network } from '../runtime/network.ts';

/** The controller's line to one broker: requests in order, one at a time, each sent again until it is answered. */
export interface BrokerChannel {
  send<Request, Response>(schemas: { readonly request: MessageSchema<unknown, Request>; readonly response: MessageSchema<Response, never> }, version: number, value: Request, answered?: (response: Response) => void): void;
  close(): void;
}

export interface BrokerChannelOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly controllerId: number;
  readonly brokerId: number;
  readonly host: string;
  readonly port: number;
  /** controller.socket.timeout.ms */
  readonly timeoutMs: number;
}

/** Between two tries (RequestSendThread). */
const retryBackoffMs = 100;

export function createBrokerChannel(options: BrokerChannelOptions): BrokerChannel {
  const queue: ((client: RequestClient) => Promise<void>)[] = [];
  let client: RequestClient | undefined;
  let isRunning = false;
  let isClosed = false;
  let hasTrouble = false;

  async function run(): Promise<void> {
    isRunning = true;
    for (let next = queue[0]; next !== undefined && !isClosed; next = queue[0]) {
      try {
        client ??= await connect();
        if (isClosed) break;
        await next(client);
        queue.shift();
        hasTrouble = false;
      } catch (error) {
        client?.close();
        client = undefined;
        if (isClosed) return;
        if (!hasTrouble) options.logger.warn('broker does not answer the controller; sending again until it does or is gone', { broker: options.brokerId, error: (error as Error).message });
        hasTrouble = true;
        await sleep(options.clock, retryBackoffMs);
      }
    }
    isRunning = false;
    if (isClosed) client?.close();
  }

  function connect(): Promise<RequestClient> {
    const { network, clock, host, port, controllerId, timeoutMs } = options;
    return connectRequestClient({ network, clock, host, port, clientId: String(controllerId), connectTimeoutMs: timeoutMs, negotiate: false });
  }

  return {
    send(schemas, version, value, answered) {
      queue.push(async (connected) => {
        const response = await connected.send(schemas.request, schemas.response, version, value, options.timeoutMs);
        if (!isClosed) answered?.(response);
      });
      if (!isRunning) void run();
    },
    close() {
      isClosed = true;
      queue.length = 0;
      client?.close();
    },
  };
}
