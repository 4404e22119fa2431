import path from 'node:path';
import type { RequestClient } from '../../../src/network/request-client.ts';
import { freePort } from '../../support/processes.ts';
import type { Bench, BenchContext, Figures, OpenBench, SideName } from '../bench.ts';
import { figuresOf } from '../broker/process-figures.ts';
import { startOneBroker } from '../load/one-broker.ts';
import { askMetadata, startServing } from '../load/serving.ts';
import { portsForThree, startThree } from '../load/three-brokers.ts';

/*
 * From the start of the processes to the first answer to Metadata that names all brokers, each time with an empty folder: one
 * broker on a ZooKeeper that runs, and three together with theirs. Then five idle seconds, and what is resident.
 */
const idleMs = 5000;

const names = (brokers: number) => async (client: RequestClient): Promise<boolean> => (await askMetadata(client, [])).brokers.length === brokers;

function figures(name: string, tookMs: number, processIds: readonly number[], cpuAtStart: number): Figures {
  const residentBytes = processIds.reduce((sum, id) => sum + figuresOf(id).residentBytes, 0);
  return { [`${name}: ms to the first Metadata`]: tookMs, [`${name}: CPU s to the start`]: cpuAtStart, [`${name}: idle RSS MB`]: residentBytes / 1e6 };
}

const cpuOf = (processIds: readonly number[]): number => processIds.reduce((sum, id) => sum + figuresOf(id).cpuSeconds, 0);
const idle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, idleMs));

async function startOne(side: SideName, folder: string, zookeeper: string): Promise<Figures> {
  const port = await freePort();
  const { running, tookMs } = await startServing(() => startOneBroker(side, { id: 1, port, zookeeper, folder }), port, names(1));
  const cpuSeconds = cpuOf([running.processId]);
  await idle();
  const measured = figures('one broker', tookMs, [running.processId], cpuSeconds);
  await running.stop();
  return measured;
}

async function startAll(side: SideName, folder: string): Promise<Figures> {
  const ports = await portsForThree();
  const { running, tookMs } = await startServing(() => startThree(side, folder, ports), ports.first, names(3));
  const cpuSeconds = cpuOf(running.processIds);
  await idle();
  const measured = figures('three with ZooKeeper', tookMs, running.processIds, cpuSeconds);
  await running.stop();
  return measured;
}

async function open(side: SideName, { folder, zookeeper }: BenchContext): Promise<OpenBench> {
  return {
    async round(number) {
      const own = path.join(folder, `round-${number}`);
      return { ...(await startOne(side, path.join(own, 'one'), `${zookeeper}/start-${number}`)), ...(await startAll(side, path.join(own, 'three'))) };
    },
    close: () => Promise.resolve(),
  };
}

export const bench: Bench = {
  name: 'start',
  title: 'Start-up and idle memory',
  bars: {
    'one broker: ms to the first Metadata': { atMost: 0.1 },
    'three with ZooKeeper: ms to the first Metadata': { atMost: 0.1 },
    'one broker: idle RSS MB': { atMost: 0.25 },
    'three with ZooKeeper: idle RSS MB': { atMost: 0.25 },
  },
  open,
};
