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
  readonly forgotten: readonly { readonly topic: string; readonly partition: number }[];
}

/** The fetcher's end of a fetch session (KIP-227): says only what changed since the last request. Pure. */
export class FetchSessionClient {
  #sessionId = 0;
  #epoch = initialEpoch;
  #sent = new Map<string, WantedPart>();

  /** @param wanted by topic and partition; all that the fetcher wants now */
  next(wanted: ReadonlyMap<string, WantedPart>): SessionFetch {
    const before = this.#sent;
    this.#sent = new Map(wanted);
    const session = { sessionId: this.#sessionId, sessionEpoch: this.#epoch };
    if (this.#epoch === initialEpoch || this.#epoch === finalEpoch) return { ...session, parts: Array.from(wanted.values()), forgotten: [] };
    const parts: WantedPart[] = [];
    for (const [key, part] of wanted) if (!isSame(before.get(key), part)) parts.push(part);
    const forgotten: WantedPart[] = [];
    for (const [key, part] of before) if (!wanted.has(key)) forgotten.push(part);
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
