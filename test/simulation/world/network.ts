import type { Connection, ConnectionEvents, Network } from '../../../src/runtime/network.ts';
import type { SeededRandom } from './random.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';

/**
 * TCP in memory. Bytes of one direction of one connection keep their order; between connections any order may happen,
 * since each delivery has a delay of its own. Every host is 127.0.0.1, a port is a process's.
 */
export interface SimulatedNetwork {
  /** The network as one process sees it. */
  attach(isAlive: () => boolean): ProcessNetwork;
}

export interface ProcessNetwork extends Network {
  /** All its connections are lost with what is on the way; both ends learn it a delay later. */
  cutConnections(): void;
  /** The process died: its listeners and connections are gone, and their peers learn it a delay later. */
  sever(): void;
}

interface Endpoint {
  events: ConnectionEvents;
  readonly isAlive: () => boolean;
  peer: Endpoint | undefined;
  isOpen: boolean;
  isPaused: boolean;
  waiting: Buffer[];
  /** Nothing is delivered before what was sent earlier. */
  lastDeliveryMs: number;
  localPort: number;
  remotePort: number;
}

interface ListeningPort {
  readonly isAlive: () => boolean;
  readonly accept: (connection: Connection) => ConnectionEvents;
  readonly owner: ProcessNetwork;
}

const firstFreePort = 30_000;
const address = '127.0.0.1';

export function createSimulatedNetwork(timeline: Timeline, random: SeededRandom, trace: Trace): SimulatedNetwork {
  const ports = new Map<number, ListeningPort>();
  /** The connections of each process, so that its death closes them. */
  const endsOf = new Map<ProcessNetwork, Set<Endpoint>>();
  let nextPort = firstFreePort;

  /** 50 microseconds to 2 ms, now and then up to 50 ms. */
  const delayMs = (): number => (random.oneIn(50) ? random.integer(50_000) : 50 + random.integer(2000)) / 1000;

  function deliver(to: Endpoint, event: () => void): void {
    const dueMs = Math.max(timeline.nowMs + delayMs(), to.lastDeliveryMs);
    to.lastDeliveryMs = dueMs;
    timeline.after(dueMs - timeline.nowMs, () => {
      if (to.isOpen && to.isAlive()) event();
    });
  }

  function hand(to: Endpoint, bytes: Buffer): void {
    if (to.isPaused) {
      to.waiting.push(bytes);
      return;
    }
    trace.note(`bytes to ${to.localPort}`, bytes);
    to.events.data(bytes);
    bytes.fill(0x5a); // Valid only until `data` returns: who kept them is found out.
  }

  function closeEnd(end: Endpoint): void {
    if (!end.isOpen) return;
    end.isOpen = false;
    if (end.isAlive()) timeline.after(0, () => end.events.closed(undefined));
  }

  function connectionOf(end: Endpoint): Connection {
    const close = (): void => {
      if (!end.isOpen) return;
      const { peer } = end;
      closeEnd(end);
      if (peer !== undefined) deliver(peer, () => closeEnd(peer));
    };
    return {
      remoteAddress: address,
      remotePort: end.remotePort,
      localAddress: address,
      localPort: end.localPort,
      unsentBytes: 0,
      write(chunks, sent) {
        const { peer } = end;
        if (end.isOpen && end.isAlive() && peer !== undefined) {
          const bytes = Buffer.concat(chunks);
          if (bytes.length > 0) deliver(peer, () => hand(peer, bytes));
        }
        if (sent !== undefined) timeline.after(0, () => (end.isAlive() ? sent() : undefined));
      },
      pause() {
        end.isPaused = true;
      },
      resume() {
        end.isPaused = false;
        timeline.after(0, () => {
          while (!end.isPaused && end.isOpen && end.isAlive()) {
            const bytes = end.waiting.shift();
            if (bytes === undefined) return;
            hand(end, bytes);
          }
        });
      },
      end: close,
      destroy: close,
    };
  }

  const newEnd = (isAlive: () => boolean, events: ConnectionEvents, localPort: number, remotePort: number): Endpoint => ({
    events,
    isAlive,
    peer: undefined,
    isOpen: true,
    isPaused: false,
    waiting: [],
    lastDeliveryMs: 0,
    localPort,
    remotePort,
  });

  const connectionReset = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  const refused = (port: number): Error => Object.assign(new Error(`connect ECONNREFUSED ${address}:${port}`), { code: 'ECONNREFUSED' });

  return {
    attach(isAlive) {
      const ends = new Set<Endpoint>();
      const self: ProcessNetwork = {
        listen(_host, wanted, accept) {
          const port = wanted === 0 ? nextPort++ : wanted;
          if (ports.has(port)) return Promise.reject(Object.assign(new Error(`listen EADDRINUSE ${address}:${port}`), { code: 'EADDRINUSE' }));
          ports.set(port, { isAlive, owner: self, accept });
          return Promise.resolve({
            host: address,
            port,
            close: () => {
              ports.delete(port);
              return Promise.resolve();
            },
          });
        },
        connect: (_host, port, _timeoutMs, events) =>
          new Promise((resolve, reject) => {
            timeline.after(delayMs(), () => {
              if (!isAlive()) return;
              const listening = ports.get(port);
              if (listening === undefined || !listening.isAlive()) {
                reject(refused(port));
                return;
              }
              const near = newEnd(isAlive, events, nextPort++, port);
              const far = newEnd(listening.isAlive, { data: () => undefined, closed: () => undefined }, port, near.localPort);
              near.peer = far;
              far.peer = near;
              ends.add(near);
              endsOf.get(listening.owner)?.add(far);
              far.events = listening.accept(connectionOf(far));
              resolve(connectionOf(near));
            });
          }),
        cutConnections() {
          for (const end of ends) {
            const { peer } = end;
            for (const side of peer === undefined ? [end] : [end, peer]) {
              if (!side.isOpen) continue;
              side.isOpen = false;
              timeline.after(delayMs(), () => {
                if (side.isAlive()) side.events.closed(connectionReset());
              });
            }
          }
          ends.clear();
        },
        sever() {
          for (const [port, listening] of ports) if (listening.owner === self) ports.delete(port);
          for (const end of ends) {
            const { peer } = end;
            end.isOpen = false;
            if (peer?.isOpen === true) deliver(peer, () => closeEnd(peer));
          }
          ends.clear();
          endsOf.delete(self);
        },
      };
      endsOf.set(self, ends);
      return self;
    },
  };
}
