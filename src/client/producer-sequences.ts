/*
 * What makes a producer idempotent (KIP-98): each batch of a partition has a number, and the leader takes each number once, in order.
 *
 *   - A batch that is sent again keeps its number. Up to five may be on their way; one that is sent again waits until it is the first
 *     without an outcome, so that the others cannot overtake it.
 *   - A batch that fails for good may leave a gap, behind which the leader takes nothing. Those behind it are sent until they succeed
 *     (it was written after all) or the first of them is refused as out of order (it was not). Then the partition begins anew: under the
 *     next epoch, with number 0 (KIP-360), once nothing is on its way there.
 */
import { incrementSequence } from '../record/batch.ts';
import type { ProducerBatch } from './producer-batch.ts';

export interface ProducerIdentity {
  readonly producerId: number;
  readonly epoch: number;
}

interface PartitionState {
  identity: ProducerIdentity | undefined;
  next: number;
  /** The highest number + 1 that is known to be written. */
  written: number;
  /** Numbered batches without an outcome, by number. */
  readonly open: ProducerBatch[];
  /** A numbered batch failed: perhaps a number is missing in the log. */
  mayHaveGap: boolean;
  /** A number is missing in the log. */
  hasGap: boolean;
}

/** As many as a leader remembers. */
const openMax = 5;
const epochMax = 0x7fff;

/** Numbers for batches, by partition. Pure but for the batches, which are told theirs. */
export class Sequences {
  readonly #isTransactional: boolean;
  readonly #partitions = new Map<string, PartitionState>();
  /** Undefined until one was given, and when its epochs are used up. */
  identity: ProducerIdentity | undefined;

  constructor(isTransactional: boolean) {
    this.#isTransactional = isTransactional;
  }

  /** Whether the first batch of a queue may go, as far as order is concerned. `inFlight`: requests on their way for the partition. */
  mayGo(batch: ProducerBatch, inFlight: number): boolean {
    if (this.identity === undefined) return false;
    const state = this.#stateOf(batch);
    if (state.hasGap && !this.#beginAnew(state, inFlight)) return false;
    if (batch.sequence >= 0) return state.open[0] === batch;
    return !state.mayHaveGap && state.open.length < openMax;
  }

  /** Gives a batch that goes for the first time its number. */
  number(batch: ProducerBatch): void {
    if (batch.sequence >= 0) return;
    const state = this.#stateOf(batch);
    if (state.open.length === 0 && state.identity !== this.identity) {
      state.identity = this.identity;
      state.next = 0;
      state.written = 0;
    }
    const { producerId, epoch } = state.identity!;
    batch.identify(producerId, epoch, state.next, this.#isTransactional);
    state.next = incrementSequence(state.next, batch.recordCount);
    state.open.push(batch);
  }

  succeeded(batch: ProducerBatch): void {
    if (batch.sequence < 0) return;
    const state = this.#stateOf(batch);
    state.written = incrementSequence(batch.sequence, batch.recordCount);
    this.#remove(state, batch);
  }

  /** The batch has failed for good. */
  failed(batch: ProducerBatch): void {
    if (batch.sequence < 0) return;
    const state = this.#stateOf(batch);
    state.mayHaveGap = true;
    this.#remove(state, batch);
  }

  /** The leader misses a number before this batch's. False when the batch may be sent again as it is: others go first. */
  isMissingBefore(batch: ProducerBatch): boolean {
    return this.#stateOf(batch).open[0] === batch;
  }

  /** Nothing behind the gap was written: the partition is to begin anew. */
  gapFound(batch: ProducerBatch): void {
    this.#stateOf(batch).hasGap = true;
  }

  /** Halves of a batch have its numbers. */
  split(batch: ProducerBatch, parts: readonly ProducerBatch[]): void {
    if (batch.sequence < 0) return;
    const state = this.#stateOf(batch);
    const { producerId, epoch } = state.identity!;
    let sequence = batch.sequence;
    for (const part of parts) {
      part.identify(producerId, epoch, sequence, this.#isTransactional);
      sequence = incrementSequence(sequence, part.recordCount);
    }
    state.open.splice(state.open.indexOf(batch), 1, ...parts);
  }

  /** All begins anew, under an identity that the cluster gave; nothing may be on its way. */
  reset(identity: ProducerIdentity): void {
    this.identity = identity;
    this.#partitions.clear();
  }

  #beginAnew(state: PartitionState, inFlight: number): boolean {
    if (inFlight > 0) return false;
    // Another partition may have asked for a new epoch already.
    if (state.identity === this.identity) {
      const { producerId, epoch } = this.identity!;
      this.identity = epoch < epochMax ? { producerId, epoch: epoch + 1 } : undefined;
    }
    for (const batch of state.open.splice(0)) batch.forgetSequence();
    state.hasGap = false;
    state.mayHaveGap = false;
    return this.identity !== undefined;
  }

  #remove(state: PartitionState, batch: ProducerBatch): void {
    const index = state.open.indexOf(batch);
    if (index >= 0) state.open.splice(index, 1);
    if (!state.mayHaveGap || state.open.length > 0) return;
    if (state.written === state.next) state.mayHaveGap = false;
    else state.hasGap = true;
  }

  #stateOf({ topic, partition }: ProducerBatch): PartitionState {
    const key = `${partition} ${topic}`;
    let state = this.#partitions.get(key);
    if (state === undefined) {
      state = { identity: undefined, next: 0, written: 0, open: [], mayHaveGap: false, hasGap: false };
      this.#partitions.set(key, state);
    }
    return state;
  }
}
