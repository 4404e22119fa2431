import net from 'node:net';
import { closeSessionRequest, connectRequest } from './requests.ts';

/**
 * A session that hardly uses CPU: frames come encoded, and of the answers only length, xid and error code are read. The
 * same for both servers.
 */
export interface LightSession {
  /**
   * Sends each request, keeping at most `inFlight` unanswered, and resolves at the last answer.
   * @throws Error when an answer carries an error code
   */
  send(requests: readonly Buffer[], inFlight: number): Promise<void>;
  /** As `send` with one in flight; gives the milliseconds of each. */
  sendTimed(requests: readonly Buffer[]): Promise<number[]>;
  /** Resolves when so many watch events have come since the session began. */
  events(count: number): Promise<void>;
  /** Ends the session; resolves when the server has said so. */
  close(): Promise<void>;
}

const eventXid = -1;
/** Of an answer: xid 4, zxid 8, error code 4. */
const xidAt = 4;
const errorAt = 16;
const answerBytesMin = 20;

export async function openSession(port: number): Promise<LightSession> {
  const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
  let failure: Error | undefined;
  let rest: Buffer = Buffer.alloc(0);
  let answered = (): void => undefined;
  let fail = (_error: Error): void => undefined;
  let isConnected = false;
  let eventsCount = 0;
  let eventsWanted = Number.POSITIVE_INFINITY;
  let eventsCame = (): void => undefined;

  const failed = (error: Error): void => {
    failure = error;
    fail(error);
    socket.destroy();
  };

  function read(chunk: Buffer): void {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (; bytes.length - at >= 4; ) {
      const end = at + 4 + bytes.readInt32BE(at);
      if (end > bytes.length) break;
      answer(bytes, at, end);
      at = end;
    }
    rest = bytes.subarray(at);
  }

  function answer(bytes: Buffer, at: number, end: number): void {
    if (!isConnected) {
      isConnected = true;
    } else if (bytes.readInt32BE(at + xidAt) === eventXid) {
      if (++eventsCount === eventsWanted) eventsCame();
      return;
    } else if (end - at < answerBytesMin || bytes.readInt32BE(at + errorAt) !== 0) {
      failed(new Error(`ZooKeeper answered with error ${bytes.readInt32BE(at + errorAt)}`));
      return;
    }
    answered();
  }

  socket.on('data', read);
  socket.on('error', failed);
  socket.on('close', () => fail(failure ?? new Error('ZooKeeper closed the connection')));

  function send(requests: readonly Buffer[], inFlight: number, each?: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      let sent = Math.min(inFlight, requests.length);
      let left = requests.length;
      fail = reject;
      answered = () => {
        each?.();
        if (--left === 0) resolve();
        else if (sent < requests.length) socket.write(requests[sent++]!);
      };
      if (failure === undefined) socket.write(sent === 1 ? requests[0]! : Buffer.concat(requests.slice(0, sent)));
      else reject(failure);
    });
  }

  await send([connectRequest], 1);
  return {
    send,
    async sendTimed(requests) {
      const milliseconds: number[] = [];
      let since = performance.now();
      await send(requests, 1, () => {
        const now = performance.now();
        milliseconds.push(now - since);
        since = now;
      });
      return milliseconds;
    },
    events: (count) =>
      new Promise((resolve, reject) => {
        if (eventsCount >= count) return resolve();
        fail = reject;
        eventsWanted = count;
        eventsCame = resolve;
      }),
    async close() {
      await send([closeSessionRequest], 1);
      fail = () => undefined;
      socket.destroy();
    },
  };
}
