import type net from 'node:net';
import type { FileRange } from './network.ts';
import { systemCalls, systemCallsIfLoaded } from './system-calls.ts';
import type { SystemCalls } from './system-calls.ts';

/**
 * The sending side of a socket: memory leaves through Node, ranges of files by sendfile(2), in the order of the writes.
 *
 *     write ─► waiting: header, range, sent … ─► Node's socket has nothing unsent? ─► sendfile until the system takes no more
 *                                                                   ▲                            │
 *                                                                   └── a small copied piece ◄───┘  Node tells when that has left
 *
 * Nothing but Node's own write tells when a socket takes bytes again: hence the piece.
 */
export interface SocketWriter {
  /** Bytes written here that the operating system has not taken yet. */
  unsentBytes(): number;
  /** As `Connection.write`. */
  write(chunks: readonly (Uint8Array | FileRange)[], sent?: () => void): void;
  /** The socket has closed: what waits for `sent` is told. */
  closed(): void;
}

/** What is copied to learn that a socket takes bytes again, and at a time where sendfile cannot serve the file. */
const pieceBytes = 4096;
const copiedBytes = 256 * 1024;
const nothing = Buffer.alloc(0);
/** The file system, or the kernel, knows no sendfile: EINVAL, ENOSYS. */
const unsupportedErrors: ReadonlySet<number | undefined> = new Set([22, 38]);

/**
 * @param descriptor the system's number of the socket; -1 when it is closed or not known
 * @param drained called when everything has left after something had to wait
 * @param sendBufferBytes set when the first range leaves: what is small gains nothing by it
 */
export function createSocketWriter(socket: net.Socket, descriptor: () => number, drained: () => void, sendBufferBytes?: number): SocketWriter {
  /** What waits behind a range that has not left yet. */
  const waiting: (Uint8Array | FileRange | (() => void))[] = [];
  let waitingBytes = 0;
  /** Bytes of the first range that waits which have left. */
  let rangeSent = 0;
  let isWatched = false;
  let mustCopy = false;
  let unsetBufferBytes = sendBufferBytes;

  function writeNow(chunks: readonly Uint8Array[], sent: (() => void) | undefined): void {
    const last = chunks.length - 1;
    if (last > 0) socket.cork();
    for (let index = 0; index < last; index++) socket.write(chunks[index]!);
    if (sent === undefined) socket.write(chunks[last]!);
    else socket.write(chunks[last]!, () => sent());
    if (last > 0) socket.uncork();
  }

  /** Goes on when Node has handed everything to the system. */
  function watch(): void {
    if (isWatched || socket.writableLength === 0) return;
    isWatched = true;
    socket.write(nothing, () => {
      isWatched = false;
      if (socket.destroyed) return;
      pump();
      if (socket.writableLength === 0 && waiting.length === 0) drained();
    });
  }

  /** A head with its records: two calls of the system cost less than Node's one with what it keeps about it (a tenth of a fetch of 16 KB). */
  function isSentFaster(chunks: readonly Uint8Array[]): boolean {
    return chunks.length === 2 && chunks[1]!.byteLength >= pieceBytes && socket.writableLength === 0 && systemCallsIfLoaded() !== undefined;
  }

  function pump(): void {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (typeof next === 'function') {
        waiting.shift();
        if (socket.writableLength === 0) next();
        else socket.write(nothing, () => (next as () => void)());
      } else if (next instanceof Uint8Array) {
        waiting.shift();
        waitingBytes -= next.byteLength;
        sendMemory(next);
        if (socket.destroyed) return;
      } else if (socket.writableLength > 0) {
        break;
      } else {
        sendSome(next); // a piece may have left at once, and the socket take more
        if (socket.destroyed) return;
      }
    }
    watch();
  }

  /** What stands before a range leaves in one packet with it, unless something must wait. */
  function sendMemory(bytes: Uint8Array): void {
    const hasMore = waiting[0] !== undefined && typeof waiting[0] !== 'function';
    const count = socket.writableLength > 0 ? undefined : calling((calls, to) => calls.send(to, bytes, hasMore));
    if (count !== bytes.byteLength && !socket.destroyed) socket.write(count === undefined ? bytes : bytes.subarray(count));
  }

  /** What the socket takes of the range now, and where that is not all of it a copied piece. */
  function sendSome(range: FileRange): void {
    const left = range.byteLength - rangeSent;
    const count = calling((calls, to) => {
      if (unsetBufferBytes !== undefined) calls.setSendBuffer(to, unsetBufferBytes);
      unsetBufferBytes = undefined;
      return calls.sendFile(to, range.file.descriptor, range.position + rangeSent, left);
    });
    if (socket.destroyed) return;
    if (count === 0) {
      socket.destroy(new Error('a file became shorter while a range of it was sent'));
      return;
    }
    if (count !== undefined) progress(range, count);
    if (count !== left) copyPiece(range);
  }

  /** Undefined when the socket takes nothing now, or nothing in this way. */
  function calling(send: (calls: SystemCalls, to: number) => number | undefined): number | undefined {
    const calls = mustCopy ? undefined : systemCalls();
    const to = descriptor();
    if (calls === undefined || to < 0) {
      mustCopy = true;
      return undefined;
    }
    try {
      return send(calls, to);
    } catch (error) {
      if (unsupportedErrors.has((error as NodeJS.ErrnoException).errno)) mustCopy = true;
      else socket.destroy(error as Error);
      return undefined;
    }
  }

  function copyPiece(range: FileRange): void {
    const piece = Buffer.allocUnsafe(Math.min(range.byteLength - rangeSent, mustCopy ? copiedBytes : pieceBytes));
    try {
      const count = range.file.readSync(piece, 0, piece.length, range.position + rangeSent);
      if (count < piece.length) throw new Error('a file became shorter while a range of it was sent');
    } catch (error) {
      socket.destroy(error as Error);
      return;
    }
    progress(range, piece.length);
    socket.write(piece);
  }

  function progress(range: FileRange, bytes: number): void {
    rangeSent += bytes;
    waitingBytes -= bytes;
    if (rangeSent < range.byteLength) return;
    waiting.shift();
    rangeSent = 0;
  }

  return {
    unsentBytes: () => socket.writableLength + waitingBytes,
    write(chunks, sent) {
      if (waiting.length === 0 && chunks.length > 0 && isMemory(chunks) && !isSentFaster(chunks)) {
        writeNow(chunks, sent);
        watch();
        return;
      }
      for (const chunk of chunks) {
        waiting.push(chunk);
        waitingBytes += chunk.byteLength;
      }
      if (sent !== undefined) waiting.push(sent);
      pump();
    },
    closed() {
      waitingBytes = 0;
      for (const one of waiting.splice(0)) if (typeof one === 'function') one();
    },
  };
}

function isMemory(chunks: readonly (Uint8Array | FileRange)[]): chunks is readonly Uint8Array[] {
  for (const chunk of chunks) if (!(chunk instanceof Uint8Array)) return false;
  return true;
}
