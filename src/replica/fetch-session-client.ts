import { finalEpoch, initialEpoch, nextEpoch } from './fetch-session.ts';

/** A partition as a fetcher asks for it. */
export interface WantedPart {
  readonly topic: string;
  readonly partition: number;
  readonly currentLeaderEpoch: number;
  readonly fetchOffset: number;
  readonly lastFetchedEpoch: number;
  readonly logStartOffset: number;
}

export interface SessionFetch {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  /** All of them in a full fetch, else those that changed. */
  readonly parts: readonly WantedPart[];
  readonly forgotten: readonly WantedPart[];
}

/** The fetcher's end of a fetch session (KIP-227): says only what changed since the last request, at the cost of that. Pure. */
export class FetchSessionClient {
  #sessionId = 0;
  #epoch = initialEpoch;
  /** All that the fetcher wants, by topic and partition. */
  readonly #wanted = new Map<string, WantedPart>();
  /** What the leader was last told of those that have changed since; undefined when nothing. */
  readonly #changed = new Map<string, WantedPart | undefined>();

  /** How many partitions are wanted. */
  get size(): number {
    return this.#wanted.size;
  }

  want(key: string, part: WantedPart): void {
    this.#change(key);
    this.#wanted.set(key, part);
  }

  drop(key: string): void {
    this.#change(key);
    this.#wanted.delete(key);
  }

  #change(key: string): void {
    if (!this.#changed.has(key)) this.#changed.set(key, this.#wanted.get(key));
  }

  next(): SessionFetch {
    const session = { sessionId: this.#sessionId, sessionEpoch: this.#epoch };
    const changed = Array.from(this.#changed);
    this.#changed.clear();
    if (this.#epoch === initialEpoch || this.#epoch === finalEpoch) return { ...session, parts: Array.from(this.#wanted.values()), forgotten: [] };
    const parts: WantedPart[] = [];
    const forgotten: WantedPart[] = [];
    for (const [key, before] of changed) {
      const now = this.#wanted.get(key);
      if (now === undefined && before !== undefined) forgotten.push(before);
      if (now !== undefined && !isSame(before, now)) parts.push(now);
    }
    return { ...session, parts, forgotten };
  }

  /** The leader answered; a full fetch whose answer bears no session id was served without a session. */
  answered(sessionId: number): void {
    if (sessionId === 0) {
      this.#begin(0);
      return;
    }
    this.#sessionId = sessionId;
    this.#epoch = nextEpoch(this.#epoch);
  }

  /** The leader refused the session, or nobody knows whether it saw the request: the next fetch closes it and begins anew. */
  failed(isUnknownThere: boolean): void {
    this.#begin(isUnknownThere ? 0 : this.#sessionId);
  }

  #begin(sessionId: number): void {
    this.#sessionId = sessionId;
    this.#epoch = initialEpoch;
  }
}

function isSame(before: WantedPart | undefined, now: WantedPart): boolean {
  return (
    before !== undefined &&
    before.fetchOffset === now.fetchOffset &&
    before.currentLeaderEpoch === now.currentLeaderEpoch &&
    before.lastFetchedEpoch === now.lastFetchedEpoch &&
    before.logStartOffset === now.logStartOffset
  );
}
