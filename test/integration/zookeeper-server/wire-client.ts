import net from 'node:net';
import { JuteReader, JuteWriter } from '../../../src/zookeeper-server/jute.ts';
import { writeAcl, type Acl } from '../../../src/zookeeper-server/acl.ts';

/** A ZooKeeper client that hides nothing: frames as they come, requests as one likes, malformed ones too. */
export class WireClient {
  readonly #socket: net.Socket;
  #received = Buffer.alloc(0);
  readonly #frames: (Buffer | undefined)[] = [];
  #wake: (() => void) | undefined;
  #isRaw = false;
  readonly #closed: Promise<void>;
  sessionId = '';
  timeoutMs = 0;
  password = Buffer.alloc(16);

  constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('error', () => undefined);
    this.#closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#frames.push(undefined);
        this.#wake?.();
        resolve();
      });
    });
  }

  /** Connects without asking for a session. */
  static async raw(port: number): Promise<WireClient> {
    const socket = net.connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new WireClient(socket);
  }

  static async session(port: number, timeoutMs = 10_000, known?: { readonly sessionId: string; readonly password: Buffer }): Promise<WireClient> {
    const client = await WireClient.raw(port);
    const writer = new JuteWriter();
    writer.int(0);
    writer.long(0);
    writer.int(timeoutMs);
    writer.hexLong(known?.sessionId ?? '');
    writer.buffer(known?.password ?? client.password);
    writer.bool(false);
    client.send(writer.take());
    const reply = await client.next();
    if (reply === undefined) throw new Error('closed instead of a session');
    const reader = new JuteReader(reply);
    reader.int();
    client.timeoutMs = reader.int();
    client.sessionId = reader.hexLong();
    client.password = Buffer.from(reader.buffer()!);
    return client;
  }

  #read(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    if (this.#isRaw) return;
    for (;;) {
      if (this.#received.length < 4) return;
      const length = this.#received.readInt32BE(0);
      if (this.#received.length < 4 + length) return;
      this.#frames.push(this.#received.subarray(4, 4 + length));
      this.#received = this.#received.subarray(4 + length);
      this.#wake?.();
    }
  }

  send(body: Uint8Array): void {
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length);
    this.#socket.write(Buffer.concat([length, body]));
  }

  bytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The next frame; undefined once the server closed. */
  async next(): Promise<Buffer | undefined> {
    while (this.#frames.length === 0) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
    const frame = this.#frames.shift();
    if (frame === undefined) this.#frames.push(undefined);
    return frame;
  }

  /** Sends a request and takes what comes up to its reply: events first, the reply last. */
  async call(xid: number, type: number, body: Uint8Array): Promise<{ readonly events: Buffer[]; readonly reply: Buffer | undefined }> {
    this.bytes(WireClient.request(xid, type, body));
    const events: Buffer[] = [];
    for (;;) {
      const frame = await this.next();
      if (frame !== undefined && frame.readInt32BE(0) === -1) events.push(frame);
      else return { events, reply: frame };
    }
  }

  /** The request as a frame with its length. */
  static request(xid: number, type: number, body: Uint8Array): Buffer {
    const writer = new JuteWriter();
    const start = writer.beginFrame();
    writer.int(xid);
    writer.int(type);
    writer.raw(body);
    writer.endFrame(start);
    return writer.take();
  }

  /** All that comes until the server closes, as text. */
  async rest(): Promise<string> {
    this.#isRaw = true;
    await this.#closed;
    return this.#received.toString('utf8');
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Says that nothing more will be sent. */
  end(): void {
    this.#socket.end();
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Bodies of requests. */
export const bodies = {
  create(path: string, data: Uint8Array | null, acl: Acl, flags: number, ttlMs?: number): Buffer {
    const writer = new JuteWriter();
    writer.string(path);
    writer.buffer(data);
    writeAcl(writer, acl);
    writer.int(flags);
    if (ttlMs !== undefined) writer.long(ttlMs);
    return writer.take();
  },
  pathAndInt(path: string, value: number): Buffer {
    const writer = new JuteWriter();
    writer.string(path);
    writer.int(value);
    return writer.take();
  },
  pathAndFlag(path: string, flag: boolean): Buffer {
    const writer = new JuteWriter();
    writer.string(path);
    writer.bool(flag);
    return writer.take();
  },
  setData(path: string, data: Uint8Array | null, version: number): Buffer {
    const writer = new JuteWriter();
    writer.string(path);
    writer.buffer(data);
    writer.int(version);
    return writer.take();
  },
  setAcl(path: string, acl: Acl, version: number): Buffer {
    const writer = new JuteWriter();
    writer.string(path);
    writeAcl(writer, acl);
    writer.int(version);
    return writer.take();
  },
  path(path: string): Buffer {
    const writer = new JuteWriter();
    writer.string(path);
    return writer.take();
  },
  auth(scheme: string, auth: string): Buffer {
    const writer = new JuteWriter();
    writer.int(0);
    writer.string(scheme);
    writer.buffer(Buffer.from(auth));
    return writer.take();
  },
  multi(steps: readonly { readonly type: number; readonly body: Buffer }[]): Buffer {
    const writer = new JuteWriter();
    for (const { type, body } of steps) {
      writer.int(type);
      writer.bool(false);
      writer.int(-1);
      writer.raw(body);
    }
    writer.int(-1);
    writer.bool(true);
    writer.int(-1);
    return writer.take();
  },
  setWatches(sinceZxid: number, lists: readonly (readonly string[])[]): Buffer {
    const writer = new JuteWriter();
    writer.long(sinceZxid);
    for (const list of lists) writer.vector(list, (one, path) => one.string(path));
    return writer.take();
  },
};
