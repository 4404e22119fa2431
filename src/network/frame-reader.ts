import type { BufferPool } from '../runtime/buffer-pool.ts';

/**
 * Cuts a byte stream into frames: a size of four bytes, then so many bytes (Kafka protocol, "Network").
 *
 * Whole frames are handed out where they lie in the read buffer. Only what is incomplete at the end of a read callback
 * is copied, into a buffer that grows as bytes arrive: a peer that announces 100 MB and sends nothing costs nothing.
 */
export interface Frame {
  readonly buffer: Buffer;
  /** First byte after the size. */
  readonly start: number;
  readonly end: number;
}

/** A size that no request may have: below the header's or above socket.request.max.bytes. Kafka closes without an answer. */
export class InvalidFrameSize extends Error {
  override readonly name = 'InvalidFrameSize';

  constructor(sizeBytes: number, maxBytes: number) {
    super(`frame of ${sizeBytes} bytes announced; allowed are 1 to ${maxBytes} (socket.request.max.bytes)`);
  }
}

export interface FrameReader {
  /** Memory that is kept between read callbacks: at least 4 KB, at most five times what has arrived of a frame. */
  keptBytes(): number;
  /** Gives it the bytes of one read callback; they are consumed by `next` until `keep` is called. */
  feed(bytes: Buffer): void;
  /** The next whole frame, valid until `keep`; undefined when more bytes must come. @throws InvalidFrameSize */
  next(): Frame | undefined;
  /** Ends the read callback: what was not consumed is copied, since the read buffer is shared; frames are valid no more. */
  keep(): void;
  /** The stream has ended: gives back what was kept. */
  discard(): void;
}

const sizeBytesLength = 4;
const firstKeptBytes = 4096;

/** @param pool where incomplete frames are kept; without one each gets memory of its own, and stays valid */
export function createFrameReader(frameBytesMax: number, pool?: BufferPool): FrameReader {
  let view: Buffer | undefined;
  let viewAt = 0;
  let kept: Buffer | undefined;
  let keptAt = 0;
  let keptEnd = 0;
  /** Left behind since the last `keep`: frames that were handed out may lie in them. */
  const left: Buffer[] = [];

  function leave(buffer: Buffer): void {
    if (pool !== undefined) left.push(buffer);
  }

  /** Moves up to `count` bytes from the view behind what is kept. */
  function pull(count: number): void {
    if (view === undefined) return;
    const moved = Math.min(count, view.length - viewAt);
    if (moved <= 0) return;
    reserve(moved);
    view.copy(kept!, keptEnd, viewAt, viewAt + moved);
    keptEnd += moved;
    viewAt += moved;
  }

  /** Room for `count` more bytes; what was handed out earlier stays valid, since an outgrown buffer is left as it is. */
  function reserve(count: number): void {
    const used = keptEnd - keptAt;
    if (kept !== undefined && keptEnd + count <= kept.length) return;
    // At most five times what has arrived: a usual batch is then copied once, and an announcement alone gets nothing.
    const bytesMax = Math.max(firstKeptBytes, (used + count) * 5);
    const bytes = Math.max(firstKeptBytes, used + count, Math.min(announcedBytes(), bytesMax));
    const larger = pool?.borrow(bytes, used + count, bytesMax) ?? Buffer.allocUnsafeSlow(bytes);
    if (kept !== undefined) {
      kept.copy(larger, 0, keptAt, keptEnd);
      leave(kept);
    }
    kept = larger;
    keptAt = 0;
    keptEnd = used;
  }

  /** Size of the frame that is incomplete, as far as its first bytes are here; else 0. */
  function announcedBytes(): number {
    if (keptEnd - keptAt >= sizeBytesLength) return sizeBytesLength + kept!.readInt32BE(keptAt);
    if (kept === undefined && view !== undefined && view.length - viewAt >= sizeBytesLength) return sizeBytesLength + view.readInt32BE(viewAt);
    return 0;
  }

  function checkedSize(buffer: Buffer, at: number): number {
    const size = buffer.readInt32BE(at);
    if (size <= 0 || size > frameBytesMax) throw new InvalidFrameSize(size, frameBytesMax);
    return size;
  }

  function nextKept(): Frame | undefined {
    if (keptEnd - keptAt < sizeBytesLength) pull(sizeBytesLength - (keptEnd - keptAt));
    if (keptEnd - keptAt < sizeBytesLength) return undefined;
    const whole = sizeBytesLength + checkedSize(kept!, keptAt);
    if (keptEnd - keptAt < whole) pull(whole - (keptEnd - keptAt));
    if (keptEnd - keptAt < whole) return undefined;
    const frame = { buffer: kept!, start: keptAt + sizeBytesLength, end: keptAt + whole };
    keptAt += whole;
    if (keptAt === keptEnd) {
      leave(kept!); // the frame is still in use, so the next bytes get a buffer of their own
      kept = undefined;
      keptAt = 0;
      keptEnd = 0;
    }
    return frame;
  }

  return {
    keptBytes: () => kept?.length ?? 0,
    feed(bytes) {
      view = bytes;
      viewAt = 0;
    },
    next() {
      if (kept !== undefined) return nextKept();
      if (view === undefined || view.length - viewAt < sizeBytesLength) return undefined;
      const whole = sizeBytesLength + checkedSize(view, viewAt);
      if (view.length - viewAt < whole) return undefined;
      const frame = { buffer: view, start: viewAt + sizeBytesLength, end: viewAt + whole };
      viewAt += whole;
      return frame;
    },
    keep() {
      if (view !== undefined) pull(view.length - viewAt);
      view = undefined;
      for (let buffer = left.pop(); buffer !== undefined; buffer = left.pop()) pool!.giveBack(buffer);
    },
    discard() {
      if (kept !== undefined) pool?.giveBack(kept);
      kept = undefined;
      keptAt = 0;
      keptEnd = 0;
    },
  };
}
