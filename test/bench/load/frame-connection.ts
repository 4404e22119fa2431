import net from 'node:net';

/** A raw connection to a broker: frames that are encoded already go out, whole answers come in. */
export interface FrameConnection {
  /** Of the operating system, for the thread that writes by itself. */
  readonly descriptor: number;
  send(frame: Uint8Array): void;
  close(): void;
}

export interface FrameListener {
  /** @param body without its size; valid during the call only */
  answer(body: Buffer): void;
  /** The broker closed it, or it broke. Not called after `close`. */
  failed(error: Error): void;
}

const readBytes = 256 * 1024;

export function connectFrames(port: number, listener: FrameListener): Promise<FrameConnection> {
  return new Promise((resolve, reject) => {
    const take = frameSplitter((body) => listener.answer(body));
    const socket = net.connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(readBytes),
        callback(count, chunk) {
          take(Buffer.from(chunk.buffer, chunk.byteOffset, count));
          return true;
        },
      },
    });
    const isOpen = { value: false };
    const fail = (error: Error): void => {
      if (!isOpen.value) return reject(error);
      isOpen.value = false;
      listener.failed(error);
    };
    socket.on('error', fail);
    socket.once('close', () => fail(new Error('the broker closed the connection')));
    socket.once('connect', () => {
      isOpen.value = true;
      resolve({
        descriptor: descriptorOf(socket),
        send: (frame) => void socket.write(frame),
        close() {
          isOpen.value = false;
          socket.removeAllListeners('close');
          socket.destroy();
        },
      });
    });
  });
}

/** Node does not document it; it is the one way to write to a socket from another thread. */
const descriptorOf = (socket: net.Socket): number => (socket as unknown as { _handle: { fd: number } })._handle.fd;

/** Cuts a stream of bytes into frames; one that lies whole in what was read is not copied. */
export function frameSplitter(emit: (body: Buffer) => void): (chunk: Buffer) => void {
  let pending: Buffer | undefined;
  let filled = 0;
  const size = Buffer.alloc(4);
  let sizeBytes = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (pending === undefined && sizeBytes === 0 && chunk.length - at >= 4) {
        const end = at + 4 + chunk.readInt32BE(at);
        if (end <= chunk.length) {
          emit(chunk.subarray(at + 4, end));
          at = end;
          continue;
        }
      }
      if (pending === undefined) {
        size[sizeBytes++] = chunk[at++]!;
        if (sizeBytes < 4) continue;
        pending = Buffer.allocUnsafe(size.readInt32BE(0));
        filled = 0;
      }
      const count = chunk.copy(pending, filled, at);
      filled += count;
      at += count;
      if (filled < pending.length) continue;
      const whole = pending;
      pending = undefined;
      sizeBytes = 0;
      emit(whole);
    }
  };
}
