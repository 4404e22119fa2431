/** Whether to go on: false once the connection takes no more, now or for good. */
export interface FrameSink {
  /** Asked with each length before memory is taken for it. */
  acceptsLength(length: number): boolean;
  /** A whole frame without its length; valid until this returns. */
  frame(frame: Buffer): boolean;
}

/** Cuts a stream into length-prefixed frames. A frame that arrives whole is not copied. */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #lengthBytes = Buffer.alloc(4);
  #lengthCount = 0;
  #frame: Buffer | undefined;
  #frameCount = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Returns how many bytes were used; fewer than all when the sink wanted no more. */
  push(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length) {
      if (this.#frame !== undefined) {
        const count = bytes.copy(this.#frame, this.#frameCount, at, at + this.#frame.length - this.#frameCount);
        at += count;
        this.#frameCount += count;
        if (this.#frameCount === this.#frame.length && !this.#finish(this.#frame)) return at;
      } else if (this.#lengthCount > 0 || bytes.length - at < 4) {
        this.#lengthBytes[this.#lengthCount++] = bytes[at++]!;
        if (this.#lengthCount === 4 && !this.#begin(this.#lengthBytes.readInt32BE(0))) return at;
      } else {
        const length = bytes.readInt32BE(at);
        at += 4;
        if (bytes.length - at < length || length <= 0) {
          if (!this.#begin(length)) return at;
        } else {
          if (!this.#sink.acceptsLength(length)) return at;
          at += length;
          if (!this.#sink.frame(bytes.subarray(at - length, at))) return at;
        }
      }
    }
    return at;
  }

  #begin(length: number): boolean {
    this.#lengthCount = 0;
    if (!this.#sink.acceptsLength(length)) return false;
    if (length === 0) return this.#sink.frame(Buffer.alloc(0));
    this.#frame = Buffer.allocUnsafe(length);
    this.#frameCount = 0;
    return true;
  }

  #finish(frame: Buffer): boolean {
    this.#frame = undefined;
    return this.#sink.frame(frame);
  }
}
