import path from 'node:path';
import type { Bench, Figures } from '../bench.ts';
import { percentile } from '../broker/load.ts';
import { figuresOf } from '../broker/process-figures.ts';
import { openSession } from '../zookeeper/client.ts';
import type { LightSession } from '../zookeeper/client.ts';
import { createRequest, getDataRequest, multiSetRequest, setDataRequest } from '../zookeeper/requests.ts';
import { startApache, startOurs } from '../zookeeper/servers.ts';
import type { MeasuredServer } from '../zookeeper/servers.ts';

const writes = 1000;
const reads = 10_000;
const sessions = 200;
const multis = 500;
const connections = 50;
/** A JVM compiles what it runs often: before that its figures are several times worse than they stay. Equal on both sides, so that both keep as many nodes. */
const warmRounds = { quick: 2, whole: 4 } as const;

const data = Buffer.alloc(100, 'x');
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const figure = {
  createOne: '1,000 creates, one by one: ops/s',
  createOneP50: '1,000 creates, one by one: p50 ms',
  createPipelined: '1,000 creates, pipelined: ops/s',
  createMany: '1,000 creates, 50 connections: ops/s',
  readOne: '10,000 reads, one by one: ops/s',
  readPipelined: '10,000 reads, pipelined: ops/s',
  watches: '1,000 watches set and fired: ops/s',
  multi: '500 multis of 3 sets, pipelined: ops/s',
  ephemerals: '1,000 ephemerals removed at session close: ops/s',
  sessions: '200 sessions opened, 50 at a time: ops/s',
  cpu: 'server CPU: ms/1,000 operations',
  resident: 'loaded: RSS MB',
} as const;

/** The embedded ZooKeeper server beside Apache ZooKeeper 3.8, both with fsync before every answer. */
export const bench: Bench = {
  name: 'zookeeper',
  title: 'The embedded ZooKeeper server, fsync on',
  against: 'Apache ZooKeeper 3.8',
  bars: Object.fromEntries(Object.values(figure).filter((name) => name.endsWith('ops/s')).map((name) => [name, { atLeast: 1 }])),
  async open(side, { folder, isQuick, progress }) {
    const own = path.join(folder, side === 'ours' ? 'ours' : 'apache');
    const server = side === 'ours' ? await startOurs(own) : await startApache(own);
    progress(`warms up ${side}`);
    for (let number = 0; number < (isQuick ? warmRounds.quick : warmRounds.whole); number++) await round(server, `/warm-${number}`);
    return { round: (number) => round(server, `/round-${number}`), close: () => server.stop() };
  },
};

async function round(server: MeasuredServer, base: string): Promise<Figures> {
  const first = await openSession(server.port);
  const others = await Promise.all(range(connections).map(() => openSession(server.port)));
  await first.send([createRequest(base, data), ...['one', 'pipelined', 'many', 'ephemeral'].map((name) => createRequest(`${base}/${name}`, data))], 1);
  const cpuBefore = figuresOf(server.processId).cpuSeconds;
  const figures = {
    ...(await creates(first, others, base)),
    ...(await readsOf(first, `${base}/one`)),
    [figure.watches]: await watchesPerSecond(first, others[0]!, `${base}/one`),
    [figure.multi]: await multisPerSecond(first, `${base}/pipelined`),
    [figure.ephemerals]: await ephemeralsPerSecond(others.pop()!, `${base}/ephemeral`),
    [figure.sessions]: await sessionsPerSecond(server.port),
  };
  const { cpuSeconds, residentBytes } = figuresOf(server.processId);
  const operations = writes * 3 + reads * 2 + writes * 2 + multis + writes + sessions * 2;
  await Promise.all([first, ...others].map((session) => session.close()));
  return { ...figures, [figure.cpu]: ((cpuSeconds - cpuBefore) * 1e6) / operations, [figure.resident]: residentBytes / 1e6 };
}

/** Runs `action`, which does so many operations; gives operations a second. */
async function rate(operations: number, action: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await action();
  return (operations * 1000) / (performance.now() - since);
}

const node = (folder: string, index: number): string => `${folder}/node-${index}`;

async function creates(first: LightSession, others: readonly LightSession[], base: string): Promise<Figures> {
  const requests = (folder: string): Buffer[] => range(writes).map((index) => createRequest(node(folder, index), data));
  const [one, pipelined, many] = [requests(`${base}/one`), requests(`${base}/pipelined`), requests(`${base}/many`)];
  const share = writes / others.length;
  let times: number[] = [];
  return {
    [figure.createOne]: await rate(writes, async () => (times = await first.sendTimed(one))),
    [figure.createOneP50]: percentile(times.sort((a, b) => a - b), 0.5),
    [figure.createPipelined]: await rate(writes, () => first.send(pipelined, writes)),
    [figure.createMany]: await rate(writes, () => Promise.all(others.map((session, index) => session.send(many.slice(index * share, (index + 1) * share), 1)))),
  };
}

async function readsOf(first: LightSession, folder: string): Promise<Figures> {
  const requests = range(reads).map((index) => getDataRequest(node(folder, index % writes), false));
  return {
    [figure.readOne]: await rate(reads, () => first.send(requests, 1)),
    [figure.readPipelined]: await rate(reads, () => first.send(requests, reads)),
  };
}

/** From the first watch set to the last event. */
function watchesPerSecond(watcher: LightSession, writer: LightSession, folder: string): Promise<number> {
  const watching = range(writes).map((index) => getDataRequest(node(folder, index), true));
  const firing = range(writes).map((index) => setDataRequest(node(folder, index), data));
  return rate(writes, async () => {
    await watcher.send(watching, writes);
    await Promise.all([watcher.events(writes), writer.send(firing, writes)]);
  });
}

function multisPerSecond(first: LightSession, folder: string): Promise<number> {
  const requests = range(multis).map((index) => multiSetRequest([node(folder, index), node(folder, index + 1), node(folder, index + 2)], data));
  return rate(multis, () => first.send(requests, multis));
}

async function ephemeralsPerSecond(session: LightSession, folder: string): Promise<number> {
  await session.send(range(writes).map((index) => createRequest(node(folder, index), data, true)), writes);
  return rate(writes, () => session.close());
}

async function sessionsPerSecond(port: number): Promise<number> {
  const opened: LightSession[] = [];
  const perSecond = await rate(sessions, () =>
    Promise.all(
      range(connections).map(async () => {
        for (let count = 0; count < sessions / connections; count++) opened.push(await openSession(port));
      }),
    ),
  );
  await Promise.all(opened.map((session) => session.close()));
  return perSecond;
}
