/**
 * That a leader asks the transaction coordinator whether a producer's transaction has this partition, before its first record is
 * appended (KIP-890). The object itself is the proof: an answer that comes when a marker or another record was written since, so
 * that the question was another one, holds an object that is not the present one.
 */
export interface Verification {
  /** Of the batches that asked: a later one must not be appended while an earlier one is still to be sent again. */
  lowestSequence: number;
  epoch: number;
  readonly sinceMs: number;
}

/** Questions that are open, by producer id. @see VerificationStateEntry in Apache Kafka 3.9 */
export class Verifications {
  readonly #open = new Map<number, Verification>();

  of(producerId: number): Verification | undefined {
    return this.#open.get(producerId);
  }

  begin(producerId: number, sequence: number, epoch: number, nowMs: number): Verification {
    let verification = this.#open.get(producerId);
    if (verification === undefined) {
      verification = { lowestSequence: sequence, epoch, sinceMs: nowMs };
      this.#open.set(producerId, verification);
    } else if (epoch > verification.epoch || (epoch === verification.epoch && sequence < verification.lowestSequence)) {
      verification.epoch = epoch;
      verification.lowestSequence = sequence;
    }
    return verification;
  }

  /** A record or marker was written: from now on the log itself tells whether a transaction is open. */
  end(producerId: number): void {
    this.#open.delete(producerId);
  }

  removeExpired(nowMs: number, expirationMs: number): void {
    for (const [id, { sinceMs }] of this.#open) if (nowMs - sinceMs >= expirationMs) this.#open.delete(id);
  }
}
