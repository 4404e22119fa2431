import type { RequestHeader } from '../protocol/frame.ts';
import { decodeRequestHeader } from '../protocol/frame.ts';
import type { Chunk } from '../protocol/writer.ts';
import type { BufferPool } from '../runtime/buffer-pool.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Connection } from '../runtime/network.ts';
import type { Frame, FrameReader } from './frame-reader.ts';
import { createFrameReader } from './frame-reader.ts';
import type { ClientConnection, RequestSink } from './request-sink.ts';

/**
 * One client's connection: requests in, answers out in the same order.
 *
 * Apache Kafka reads one request, mutes the connection, and reads on when the answer is sent. So does this one, with
 * one exception that no client can tell: Produce requests behind an unanswered Produce are handled at once, so that
 * a pipelining producer's batches share one write. Their appends keep the order, and so do their answers.
 *
 *     data ─► frames ─► handle ─► (end of turn: appends written) ─► answers ready at the head of the line ─► one write
 *               ▲                                                                                    │
 *               └────────── held while an answer is owed, unsent or throttled ◄──────────────────────┘
 */
export interface ServerConnectionOptions {
  readonly id: number;
  readonly listenerName: string;
  readonly securityProtocol: ClientConnection['securityProtocol'];
  readonly connection: Connection;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sink: RequestSink;
  readonly requestBytesMax: number;
  /** For incomplete requests. */
  readonly pool: BufferPool;
  /** Called at the end of a turn in which answers were given, so that the server can flush them together. */
  readonly answersReady: (connection: ServerConnection) => void;
  /** Bytes kept of incomplete or held requests changed by `delta`; true when the server is over its limit. */
  readonly keptBytesChanged: (delta: number) => boolean;
}

export interface ServerConnection extends ClientConnection {
  lastActiveMs(): number;
  owesAnswer(): boolean;
  /** Bytes of a read callback. */
  received(bytes: Buffer): void;
  /** Goes on with requests that were held. */
  advance(): void;
  /** Sends the answers that are ready, in order, in one write. */
  flush(): void;
  allowReading(): void;
  connectionClosed(): void;
}

/** An answer that is owed: in the line from the moment its request is handled. */
interface OwedAnswer {
  readonly isProduce: boolean;
  isReady: boolean;
  frame: readonly Chunk[] | undefined;
  sent: (() => void) | undefined;
  throttleMs: number;
}

const produceKey = 0;
/** Answers of one turn beyond this are flushed before the next request is handled: a slow reader must not pile them up. */
const unsentBytesMax = 64 * 1024;
/** Produce requests that may wait for their replicas; a producer has five under way, unless it is told otherwise. */
const owedMax = 128;

export function createServerConnection(options: ServerConnectionOptions): ServerConnection {
  const { connection, clock, sink } = options;
  const reader: FrameReader = createFrameReader(options.requestBytesMax, options.pool);
  const owed: OwedAnswer[] = [];
  /** Those of them that are not for Produce. */
  let owedOthers = 0;
  const closeListeners = new Set<() => void>();
  let readyBytes = 0;
  let keptBytes = 0;
  let isClosed = false;
  let isPaused = true; // reading starts when the broker can serve
  let isReadingAllowed = false;
  let isOverLimit = false;
  let isHandling = false;
  let throttle: Timer | undefined;
  /** The next request, read but not handled yet. */
  let held: Frame | undefined;
  /** It does not lie in the read buffer or the pool's any more. */
  let isHeldOwned = false;
  let lastActiveMs = clock.monotonicMs();

  function mayHandleNext(isProduce: boolean): boolean {
    if (throttle !== undefined || readyBytes > unsentBytesMax || connection.unsentBytes > 0) return false;
    if (owed.length === 0) return true;
    return isProduce && owedOthers === 0 && owed.length < owedMax;
  }

  function handleFrames(): void {
    if (isHandling) return; // a handler that answers at once may come back here
    isHandling = true;
    try {
      while (!isClosed && handleTurn()) {
        sink.endOfTurn();
        flush();
      }
    } finally {
      isHandling = false;
    }
  }

  /** Handles what may be handled now; true when anything was. */
  function handleTurn(): boolean {
    let count = 0;
    while (!isClosed) {
      const wasHeld = held;
      const frame = wasHeld ?? nextFrame();
      if (frame === undefined) break;
      held = undefined;
      if (!mayHandleNext(isProduceFrame(frame))) {
        if (frame !== wasHeld) isHeldOwned = false;
        held = frame;
        break;
      }
      handle(frame);
      count++;
    }
    return count > 0;
  }

  function nextFrame(): Frame | undefined {
    try {
      return reader.next();
    } catch (error) {
      destroy((error as Error).message);
      return undefined;
    }
  }

  function handle(frame: Frame): void {
    let header: RequestHeader;
    try {
      header = decodeRequestHeader(frame.buffer, frame.start, frame.end);
    } catch (error) {
      destroy(`request header cannot be read: ${(error as Error).message}`);
      return;
    }
    const answer: OwedAnswer = { isProduce: header.apiKey === produceKey, isReady: false, frame: undefined, sent: undefined, throttleMs: 0 };
    owed.push(answer);
    if (!answer.isProduce) owedOthers++;
    lastActiveMs = clock.monotonicMs();
    sink.handle({ header, buffer: frame.buffer, bodyStart: header.bodyStart, bodyEnd: frame.end, connection: self }, (bytes, sent, throttleMs = 0) => {
      if (answer.isReady) throw new Error(`request ${header.apiKey} was answered twice`);
      answer.isReady = true;
      answer.frame = bytes;
      answer.sent = sent;
      answer.throttleMs = throttleMs;
      if (isClosed) {
        sent?.();
        return;
      }
      if (bytes !== undefined) for (const chunk of bytes) readyBytes += chunk.byteLength;
      if (owed[0] === answer) options.answersReady(self);
    });
  }

  function flush(): void {
    if (owed.length === 0 || !owed[0]!.isReady || isClosed) return;
    const chunks: Chunk[] = [];
    const sentCallbacks: (() => void)[] = [];
    let throttleMs = 0;
    let count = 0;
    while (count < owed.length && owed[count]!.isReady) {
      const answer = owed[count++]!;
      if (!answer.isProduce) owedOthers--;
      if (answer.frame !== undefined) for (const chunk of answer.frame) chunks.push(chunk);
      if (answer.sent !== undefined) sentCallbacks.push(answer.sent);
      if (answer.throttleMs > throttleMs) throttleMs = answer.throttleMs;
    }
    owed.splice(0, count);
    readyBytes = 0;
    for (const answer of owed) if (answer.isReady && answer.frame !== undefined) for (const chunk of answer.frame) readyBytes += chunk.byteLength;
    lastActiveMs = clock.monotonicMs();
    if (sentCallbacks.length === 0) connection.write(chunks);
    else connection.write(chunks, () => sentCallbacks.forEach((sent) => sent()));
    if (throttleMs > 0) mute(throttleMs);
  }

  function mute(throttleMs: number): void {
    throttle?.cancel();
    throttle = clock.setTimer(throttleMs, () => {
      throttle = undefined;
      advance();
    });
  }

  /** Reads on when nothing is held; TCP's window holds the client back meanwhile. */
  function adjustReading(): void {
    const mustPause = !isReadingAllowed || held !== undefined || throttle !== undefined || isOverLimit || connection.unsentBytes > 0;
    if (mustPause === isPaused || isClosed) return;
    isPaused = mustPause;
    if (mustPause) connection.pause();
    else connection.resume();
  }

  function received(bytes: Buffer): void {
    if (isClosed) return;
    reader.feed(bytes);
    handleFrames();
    keepRest();
  }

  function keepRest(): void {
    if (isClosed) return;
    if (held !== undefined && !isHeldOwned) {
      held = owned(held);
      isHeldOwned = true;
    }
    reader.keep();
    const kept = reader.keptBytes() + (held === undefined ? 0 : held.end - held.start);
    if (kept !== keptBytes) {
      const delta = kept - keptBytes;
      keptBytes = kept;
      isOverLimit = options.keptBytesChanged(delta) && held !== undefined;
    }
    adjustReading();
  }

  function advance(): void {
    if (isClosed || isHandling) return;
    if (!isReadingAllowed) return;
    handleFrames();
    keepRest();
  }

  function destroy(reason: string): void {
    if (isClosed) return;
    options.logger.debug('connection closed by broker', { remote: connection.remoteAddress, listener: options.listenerName, reason });
    connection.destroy();
    connectionClosed();
  }

  function connectionClosed(): void {
    if (isClosed) return;
    isClosed = true;
    throttle?.cancel();
    options.keptBytesChanged(-keptBytes);
    keptBytes = 0;
    for (const answer of owed) answer.sent?.();
    owed.length = 0;
    held = undefined;
    if (!isHandling) reader.discard(); // else a request of this turn may lie in it
    for (const listener of closeListeners) listener();
    closeListeners.clear();
  }

  const self: ServerConnection = {
    id: options.id,
    listenerName: options.listenerName,
    securityProtocol: options.securityProtocol,
    remoteAddress: connection.remoteAddress,
    remotePort: connection.remotePort,
    principal: 'User:ANONYMOUS',
    clientSoftware: undefined,
    sendsFiles: () => connection.sendsFiles,
    lastActiveMs: () => lastActiveMs,
    owesAnswer: () => owed.length > 0,
    onClosed(listener) {
      closeListeners.add(listener);
      return () => closeListeners.delete(listener);
    },
    destroy,
    received,
    advance,
    flush() {
      flush();
      if (!isHandling) advance();
    },
    allowReading() {
      isReadingAllowed = true;
      adjustReading();
    },
    connectionClosed,
  };
  return self;
}

function isProduceFrame(frame: Frame): boolean {
  return frame.end - frame.start >= 2 && frame.buffer.readInt16BE(frame.start) === produceKey;
}

/** A frame that waits for its turn, copied out of buffers that other requests will use. */
function owned(frame: Frame): Frame {
  const copy = Buffer.from(frame.buffer.subarray(frame.start, frame.end));
  return { buffer: copy, start: 0, end: copy.length };
}
