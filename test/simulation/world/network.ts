import type { Connection, ConnectionEvents, Network } from '../../../src/runtime/network.ts';
import type { Channel, Links } from './links.ts';
import type { SimulatedProcess } from './process.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';
import { bytesOf } from '../../support/bytes-of.ts';

/**
 * TCP in memory. Bytes of one direction of one connection keep their order; between connections any order may happen,
 * since each delivery has a delay of its own. Every host is 127.0.0.1, a port is a process's.
 */
export interface SimulatedNetwork {
  /** The network as one process sees it. */
  attach(process: SimulatedProcess): ProcessNetwork;
  /** Connections that are open. */
  readonly connections: number;
  /** Told of all bytes that arrive, before their receiver is. */
  onBytes(listener: (arrival: Arrival) => void): void;
}

export interface Arrival {
  /** Of the connection: the same for both directions. */
  readonly connection: number;
  readonly from: string;
  readonly to: string;
  /** From the side that connected to the one that listens. */
  readonly isRequest: boolean;
  /** Valid only until the listener returns. */
  readonly bytes: Buffer;
}

export interface ProcessNetwork extends Network {
  /** Each of its connections is lost with what is on the way, where `isChosen` says so; both ends learn it a delay later. */
  cutConnections(isChosen?: () => boolean): void;
  /** The process died: its listeners and connections are gone, and their peers learn it a delay later. */
  sever(): void;
}

interface Endpoint {
  readonly connection: number;
  readonly isNear: boolean;
  readonly process: SimulatedProcess;
  readonly localPort: number;
  readonly remotePort: number;
  /** To the peer. */
  readonly channel: Channel;
  events: ConnectionEvents;
  peer: Endpoint | undefined;
  isOpen: boolean;
  isPaused: boolean;
  waiting: Buffer[];
}

interface ListeningPort {
  readonly process: SimulatedProcess;
  readonly accept: (connection: Connection) => ConnectionEvents;
}

const firstFreePort = 30_000;
const address = '127.0.0.1';

export function createSimulatedNetwork(timeline: Timeline, links: Links, trace: Trace): SimulatedNetwork {
  const ports = new Map<number, ListeningPort>();
  /** The ends of each process, so that its death closes them. */
  const endsOf = new Map<SimulatedProcess, Set<Endpoint>>();
  const listeners: ((arrival: Arrival) => void)[] = [];
  let nextPort = firstFreePort;
  let connections = 0;
  let open = 0;

  /** What happens at an end, in the time of its process. */
  function at(end: Endpoint, event: () => void): void {
    end.process.run(() => {
      if (end.isOpen) event();
    });
  }

  function hand(to: Endpoint, bytes: Buffer): void {
    if (to.isPaused || to.waiting.length > 0) {
      to.waiting.push(bytes);
      return;
    }
    receive(to, bytes);
  }

  function receive(to: Endpoint, bytes: Buffer): void {
    trace.note(`bytes to ${to.localPort}`, bytes);
    const from = to.peer?.process.machine ?? '';
    for (const listener of listeners) listener({ connection: to.connection, from, to: to.process.machine, isRequest: !to.isNear, bytes });
    to.events.data(bytes);
    bytes.fill(0x5a); // Valid only until `data` returns: who kept them is found out.
  }

  function forget(end: Endpoint): void {
    if (end.isOpen) open--;
    end.isOpen = false;
    endsOf.get(end.process)?.delete(end);
  }

  /** @param error undefined when the connection was closed in order */
  function closeEnd(end: Endpoint, error?: Error): void {
    if (!end.isOpen) return;
    forget(end);
    timeline.after(0, () => end.process.run(() => end.events.closed(error)));
  }

  function tellPeer(end: Endpoint, error?: Error): void {
    const { peer } = end;
    if (peer !== undefined) end.channel.carry(() => at(peer, () => closeEnd(peer, error)));
  }

  function connectionOf(end: Endpoint): Connection {
    const close = (): void => {
      if (!end.isOpen) return;
      tellPeer(end);
      closeEnd(end);
    };
    return {
      remoteAddress: address,
      remotePort: end.remotePort,
      localAddress: address,
      localPort: end.localPort,
      unsentBytes: 0,
      sendsFiles: true,
      write(chunks, sent) {
        const { peer } = end;
        if (end.isOpen && end.process.isAlive && peer !== undefined) {
          const bytes = bytesOf(chunks);
          if (bytes.length > 0) end.channel.carry(() => at(peer, () => hand(peer, bytes)));
        }
        if (sent !== undefined) timeline.after(0, () => end.process.run(sent));
      },
      pause() {
        end.isPaused = true;
      },
      resume() {
        end.isPaused = false;
        timeline.after(0, () =>
          at(end, () => {
            while (!end.isPaused && end.isOpen) {
              const bytes = end.waiting.shift();
              if (bytes === undefined) return;
              receive(end, bytes);
            }
          }),
        );
      },
      end: close,
      destroy: close,
    };
  }

  function newEnd(process: SimulatedProcess, events: ConnectionEvents, peerMachine: string, place: { readonly isNear: boolean; readonly localPort: number; readonly remotePort: number }): Endpoint {
    open++;
    const end: Endpoint = { ...place, connection: connections, process, channel: links.open(process.machine, peerMachine), events, peer: undefined, isOpen: true, isPaused: false, waiting: [] };
    endsOf.get(process)?.add(end);
    return end;
  }

  function establish(process: SimulatedProcess, events: ConnectionEvents, listening: ListeningPort, port: number): Connection {
    connections++;
    const localPort = nextPort++;
    const near = newEnd(process, events, listening.process.machine, { isNear: true, localPort, remotePort: port });
    const far = newEnd(listening.process, { data: () => undefined, closed: () => undefined }, process.machine, { isNear: false, localPort: port, remotePort: localPort });
    near.peer = far;
    far.peer = near;
    far.process.run(() => {
      if (far.isOpen) far.events = listening.accept(connectionOf(far));
    });
    return connectionOf(near);
  }

  return {
    get connections() {
      return open / 2;
    },
    onBytes: (listener) => void listeners.push(listener),
    attach(process) {
      const ends = new Set<Endpoint>();
      endsOf.set(process, ends);
      return {
        listen(_host, wanted, accept) {
          const port = wanted === 0 ? nextPort++ : wanted;
          if (ports.has(port)) return Promise.reject(systemError('EADDRINUSE', `listen EADDRINUSE ${address}:${port}`));
          const listening = { process, accept };
          ports.set(port, listening);
          return Promise.resolve({
            host: address,
            port,
            close: () => {
              if (ports.get(port) === listening) ports.delete(port);
              return Promise.resolve();
            },
          });
        },
        connect: (_host, port, timeoutMs, events) =>
          new Promise((resolve, reject) => {
            let isOver = false;
            const settle = (outcome: () => void): void =>
              process.run(() => {
                if (isOver) return;
                isOver = true;
                timer.cancel();
                outcome();
              });
            const timer = process.clock.setTimer(timeoutMs, () => settle(() => reject(systemError('ETIMEDOUT', `no connection to ${address}:${port} within ${timeoutMs} ms`))));
            const there = ports.get(port)?.process.machine ?? '';
            const [way, back] = [links.open(process.machine, there), links.open(there, process.machine)];
            way.carry(() => {
              const listening = ports.get(port);
              const isRefused = listening === undefined || !listening.process.isAlive;
              back.carry(() => settle(() => (isRefused || !listening.process.isAlive ? reject(systemError('ECONNREFUSED', `connect ECONNREFUSED ${address}:${port}`)) : resolve(establish(process, events, listening, port)))));
            });
          }),
        cutConnections(isChosen = () => true) {
          for (const end of Array.from(ends)) {
            if (!isChosen()) continue;
            const { peer } = end;
            for (const side of peer === undefined ? [end] : [end, peer]) {
              side.channel.close();
              if (!side.isOpen) continue;
              forget(side);
              timeline.after(links.delayMs(), () => side.process.run(() => side.events.closed(systemError('ECONNRESET', 'read ECONNRESET'))));
            }
          }
        },
        sever() {
          for (const [port, listening] of ports) if (listening.process === process) ports.delete(port);
          for (const end of Array.from(ends)) {
            tellPeer(end);
            forget(end);
          }
          endsOf.delete(process);
        },
      };
    },
  };
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
