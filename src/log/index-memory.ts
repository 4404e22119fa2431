/** An index file that was read into memory. */
export interface HeldIndex {
  /** Set by the index at each use; cleared when its turn to go comes. */
  usedSinceSweep: boolean;
  /** Gives its memory back, unless the file does not have all of it yet. */
  unload(): void;
}

/**
 * Memory for indexes that were read from disk, at most so many bytes: a reader that walks through terabytes of old segments must
 * not leave all their indexes behind. The one that was not used since its last turn goes first. What an active segment has and its
 * file has not yet is not counted.
 */
export class IndexMemory {
  readonly #bytesMax: number;
  /** In the order of their turns. */
  readonly #held = new Map<HeldIndex, number>();
  #heldBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** An index was read; others may lose their memory now, never this one. */
  took(index: HeldIndex, bytes: number): void {
    this.gave(index);
    for (let turns = 2 * this.#held.size; this.#heldBytes + bytes > this.#bytesMax && turns > 0; turns--) this.#nextTurn();
    this.#held.set(index, bytes);
    this.#heldBytes += bytes;
  }

  /** An index gave its memory back. */
  gave(index: HeldIndex): void {
    this.#heldBytes -= this.#held.get(index) ?? 0;
    this.#held.delete(index);
  }

  #nextTurn(): void {
    const [index, bytes] = this.#held.entries().next().value!;
    if (!index.usedSinceSweep) {
      index.unload();
      if (!this.#held.has(index)) return;
    }
    index.usedSinceSweep = false;
    this.#held.delete(index);
    this.#held.set(index, bytes);
  }
}
