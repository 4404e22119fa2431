import type { Clock, Timer } from '../runtime/clock.ts';
import type { Connection, ConnectionEvents } from '../runtime/network.ts';
import { canonicalAddress, type Identity } from './acl.ts';
import type { Client } from './core.ts';
import { FrameReader } from './frames.ts';
import { JuteWriter } from './jute.ts';
import { Statistics } from './statistics.ts';

/** What a connection asks of its server. */
export interface ConnectionOwner {
  readonly clock: Clock;
  readonly juteMaxBufferBytes: number;
  readonly statistics: Statistics;
  /** The word's answer when the four bytes are a command; undefined when they are a length. */
  command(connection: ClientConnection, word: number): string | undefined;
  frame(connection: ClientConnection, frame: Buffer): void;
  closed(connection: ClientConnection): void;
}

/** More than this waiting to be taken by the peer, and no further request of it is carried out. */
const unsentBytesMax = 1 << 20;
/** A connection that asks for no session is closed after this (zookeeper.nio.sessionlessCnxnTimeout). */
const sessionlessMaxMs = 10_000;
const lingerMs = 1_000;

/** A client's connection: frames in, one gathered write a turn out. */
export class ClientConnection implements Client, ConnectionEvents {
  /** Empty until the client's session is known. */
  sessionId = '';
  sessionTimeoutMs = 0;
  identities: readonly Identity[];
  readonly address: string;
  readonly statistics = new Statistics();
  readonly out = new JuteWriter();
  readonly establishedMs: number;
  lastOperation = 'NA';
  lastCxid = -1;
  lastZxid = -1;
  lastResponseMs = 0;
  lastLatencyMs = 0;
  /** Monotonic. */
  lastRequestMs = 0;
  /** Requests carried out whose answers are not sealed yet. */
  unanswered = 0;
  readonly #owner: ConnectionOwner;
  readonly #connection: Connection;
  readonly #frames: FrameReader;
  /** Ends a connection that asks for no session, or does not close after its last answer. */
  #deadline: Timer;
  #rest: Buffer | undefined;
  #sealed: Buffer | undefined;
  #sealedIsLast = false;
  #sealedRequests = 0;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #isPaused = false;

  constructor(connection: Connection, owner: ConnectionOwner) {
    this.#connection = connection;
    this.#owner = owner;
    this.address = canonicalAddress(connection.remoteAddress);
    this.identities = [{ scheme: 'ip', id: this.address }];
    this.establishedMs = owner.clock.nowMs();
    this.#frames = new FrameReader({
      acceptsLength: (length) => this.#acceptsLength(length),
      frame: (frame) => this.#frame(frame),
    });
    this.#deadline = owner.clock.setTimer(sessionlessMaxMs, () => this.destroy());
  }

  get remotePort(): number {
    return this.#connection.remotePort;
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  get isReading(): boolean {
    return !this.#isPaused && this.#state === 'open';
  }

  beginSession(sessionId: string, timeoutMs: number): void {
    this.sessionId = sessionId;
    this.sessionTimeoutMs = timeoutMs;
    this.#deadline.cancel();
  }

  data(bytes: Buffer): void {
    if (this.#state !== 'open') return;
    if (this.#rest !== undefined) {
      this.#rest = Buffer.concat([this.#rest, bytes]);
      return;
    }
    this.#read(bytes);
  }

  #read(bytes: Buffer): void {
    const used = this.#frames.push(bytes);
    if (used < bytes.length && this.#state === 'open') this.#rest = Buffer.from(bytes.subarray(used));
  }

  #acceptsLength(length: number): boolean {
    if (this.sessionId === '') {
      const answer = this.#owner.command(this, length);
      if (answer !== undefined) {
        if (answer !== '') this.#connection.write([Buffer.from(answer)]);
        this.#end();
        return false;
      }
    }
    if (length >= 0 && length <= this.#owner.juteMaxBufferBytes) return true;
    this.destroy();
    return false;
  }

  #frame(frame: Buffer): boolean {
    this.#owner.frame(this, frame);
    if (this.#state !== 'open') return false;
    if (this.out.length + this.#connection.unsentBytes <= unsentBytesMax) return true;
    this.#isPaused = true;
    this.#connection.pause();
    return false;
  }

  seal(): void {
    this.#sealed = this.out.length > 0 ? this.out.take() : undefined;
    this.#sealedIsLast = this.#state === 'closing';
    this.#sealedRequests = this.unanswered;
    this.unanswered = 0;
  }

  /** Sends what was sealed, in one write. */
  flush(): void {
    const sealed = this.#sealed;
    this.#sealed = undefined;
    if (this.#state === 'closed') return;
    this.#countAnswers();
    if (sealed !== undefined) this.#connection.write([sealed]);
    if (this.#sealedIsLast) this.#end();
    else if (this.#isPaused) this.#resume();
  }

  #countAnswers(): void {
    if (this.#sealedRequests === 0) return;
    const nowMs = this.#owner.clock.monotonicMs();
    const latencyMs = Math.max(0, Math.floor(nowMs - this.lastRequestMs));
    this.lastLatencyMs = latencyMs;
    this.lastResponseMs = this.#owner.clock.nowMs();
    for (let count = 0; count < this.#sealedRequests; count++) {
      this.statistics.answer(latencyMs);
      this.#owner.statistics.answer(latencyMs);
    }
    this.#sealedRequests = 0;
  }

  drained(): void {
    if (this.#isPaused) this.#resume();
  }

  #resume(): void {
    if (this.#state !== 'open' || this.#connection.unsentBytes > 0) return;
    this.#isPaused = false;
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest !== undefined) this.#read(rest);
    if (!this.#isPaused && this.#state === 'open') this.#connection.resume();
  }

  /** Closes once what was written is sent by the next `flush`. */
  closeAfterFlush(): void {
    if (this.#state === 'open') this.#state = 'closing';
  }

  destroy(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#connection.destroy();
  }

  /** The peer has a moment to take what was sent and to close on its side. */
  #end(): void {
    this.#connection.end();
    this.#deadline.cancel();
    this.#deadline = this.#owner.clock.setTimer(lingerMs, () => this.destroy());
  }

  closed(): void {
    this.out.clear();
    this.#state = 'closed';
    this.#deadline.cancel();
    this.#rest = undefined;
    this.#owner.closed(this);
  }
}
