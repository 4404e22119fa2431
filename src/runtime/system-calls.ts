import { createRequire } from 'node:module';

/**
 * Calls of Linux that Node does not offer, each a shortcut for which there is another way. They go through koffi, whose binaries
 * come with its package; it is loaded when the first of them is wanted (some 10 ms and 3 MB).
 */
export interface SystemCalls {
  /**
   * sendfile(2) to a socket that does not block.
   * @returns bytes taken, 0 at the file's end; undefined when the socket takes none now
   * @throws Error with the system's `errno` when the socket or the file is broken
   */
  sendFile(socket: number, file: number, position: number, length: number): number | undefined;
  /**
   * send(2) of memory before or behind a file's range: with `hasMore` the kernel keeps it for the packet that follows.
   * @returns bytes taken; undefined when the socket takes none now
   * @throws Error with the system's `errno` when the socket is broken
   */
  send(socket: number, bytes: Uint8Array, hasMore: boolean): number | undefined;
  /**
   * setsockopt(2), SO_SNDBUF: how much a socket takes before its peer has acknowledged it; the kernel doubles it for its own book-keeping.
   * Without it the system lets a socket's grow (tcp_wmem, 4 MB). A size that the system refuses changes nothing.
   */
  setSendBuffer(socket: number, bytes: number): void;
  /** preadv2(2) with RWF_NOWAIT: false when not all of it is in the page cache; then the target's content is undefined. */
  readCached(file: number, target: Uint8Array, targetStart: number, length: number, position: number): boolean;
  /** fallocate(2) with FALLOC_FL_KEEP_SIZE, in another thread: false when the file system cannot do it or has no room, or too many are under way. */
  allocate(file: number, position: number, length: number): Promise<boolean>;
  /** cachestat(2), since Linux 6.5: whether all of a file's range is in the page cache; false where that cannot be told. */
  isCached(file: number, position: number, length: number): boolean;
}

/** Undefined elsewhere than on Linux, and where koffi is not installed or has no binary. */
export function systemCalls(): SystemCalls | undefined {
  if (!isLoaded) {
    isLoaded = true;
    loaded = loadSystemCalls();
  }
  return loaded;
}

/** The same, once something has wanted them: for what gains too little to load them for. */
export function systemCallsIfLoaded(): SystemCalls | undefined {
  return loaded;
}

let isLoaded = false;
let loaded: SystemCalls | undefined;

interface NativeFunction {
  (...values: unknown[]): number;
  async(...valuesAndCallback: unknown[]): void;
}

interface Koffi {
  load(path: null): { func(definition: string): NativeFunction };
  address(value: ArrayBufferView): bigint;
  errno(): number;
}

const errorTryAgain = 11;
const errorInterrupted = 4;
const errorNoSuchCall = 38;
const readNoWait = 8;
/** FALLOC_FL_KEEP_SIZE */
const keepSize = 1;
/** MSG_DONTWAIT and MSG_NOSIGNAL */
const sendFlags = 0x4040;
/** MSG_MORE */
const moreFollows = 0x8000;
const cachestatNumber = 451;
/** SOL_SOCKET and SO_SNDBUF */
const socketLevel = 1;
const sendBufferOption = 7;

function loadSystemCalls(): SystemCalls | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return bind(createRequire(import.meta.url)('koffi') as Koffi);
  } catch {
    return undefined; // an optional package: Node's own reads and writes serve
  }
}

function bind(koffi: Koffi): SystemCalls {
  const library = koffi.load(null);
  const sendfile = library.func('int64_t sendfile(int socket, int file, uintptr_t offset, size_t count)');
  const send = library.func('int64_t send(int socket, const void *bytes, size_t length, int flags)');
  const setsockopt = library.func('int setsockopt(int socket, int level, int name, const void *value, uint32_t length)');
  const preadv2 = library.func('int64_t preadv2(int file, uintptr_t vector, int count, int64_t offset, int flags)');
  const fallocate = library.func('int fallocate(int file, int mode, int64_t offset, int64_t length)');
  const cachestat = library.func('int64_t syscall(int64_t number, int file, uintptr_t range, uintptr_t statistics, uint32_t flags)');
  const pageBytes = library.func('int getpagesize()')();
  // Arguments that are pointed to: one place each, as no call outlives its turn.
  const offset = words(koffi, 1);
  const vector = words(koffi, 2);
  const range = words(koffi, 2);
  const statistics = words(koffi, 5);
  const addresses = new WeakMap<ArrayBufferLike, number>();
  let isCachestatKnown = true;

  function addressOf(target: Uint8Array): number {
    let address = addresses.get(target.buffer);
    if (address === undefined) {
      address = Number(koffi.address(new Uint8Array(target.buffer)));
      addresses.set(target.buffer, address);
    }
    return address + target.byteOffset;
  }

  function sending(syscall: string, call: () => number): number | undefined {
    for (;;) {
      const count = call();
      if (count >= 0) return count;
      const errno = koffi.errno();
      if (errno === errorTryAgain) return undefined;
      if (errno !== errorInterrupted) throw Object.assign(new Error(`${syscall} failed with errno ${errno}`), { errno, syscall });
    }
  }

  return {
    sendFile: (socket, file, position, length) =>
      sending('sendfile', () => {
        offset.set(0, position);
        return sendfile(socket, file, offset.address, length);
      }),
    send: (socket, bytes, hasMore) => sending('send', () => send(socket, bytes, bytes.byteLength, hasMore ? sendFlags | moreFollows : sendFlags)),
    setSendBuffer: (socket, bytes) => void setsockopt(socket, socketLevel, sendBufferOption, Int32Array.of(bytes), Int32Array.BYTES_PER_ELEMENT),
    readCached(file, target, targetStart, length, position) {
      vector.set(0, addressOf(target) + targetStart);
      vector.set(1, length);
      return preadv2(file, vector.address, 1, position, readNoWait) === length;
    },
    allocate: (file, position, length) =>
      new Promise((resolve) => {
        try {
          fallocate.async(file, keepSize, position, length, (_error: unknown, result: number | undefined) => resolve(result === 0));
        } catch {
          resolve(false); // koffi refuses when more than some hundred are under way
        }
      }),
    isCached(file, position, length) {
      if (!isCachestatKnown) return false;
      range.set(0, position);
      range.set(1, length);
      if (cachestat(cachestatNumber, file, range.address, statistics.address, 0) !== 0) {
        isCachestatKnown = koffi.errno() !== errorNoSuchCall;
        return false;
      }
      const pages = Math.floor((position + length - 1) / pageBytes) - Math.floor(position / pageBytes) + 1;
      return statistics.get(0) >= pages;
    },
  };
}

const twoTo32 = 0x1_0000_0000;

/** 64-bit words of memory that stays where it is; little-endian, as is every machine that koffi has a binary for. */
function words(koffi: Koffi, count: number) {
  const halves = new Uint32Array(count * 2);
  return {
    address: Number(koffi.address(halves)),
    set(index: number, value: number): void {
      halves[index * 2] = value >>> 0;
      halves[index * 2 + 1] = Math.floor(value / twoTo32);
    },
    get: (index: number): number => halves[index * 2]! + halves[index * 2 + 1]! * twoTo32,
  };
}
