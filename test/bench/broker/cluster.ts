import path from 'node:path';
import { createAdmin } from '../../../src/client/index.ts';
import type { Outcome } from '../../../src/client/index.ts';
import { freePort } from '../../support/processes.ts';
import type { SideName } from '../bench.ts';
import { startTarget, topicFilesGone } from './targets.ts';
import type { Brokers, TargetOptions } from './targets.ts';

const ids = [1, 2, 3];

/** Three brokers; each topic lies on all of them. */
export async function startCluster(side: SideName, { zookeeper, folder, properties = {} }: Pick<TargetOptions, 'zookeeper' | 'folder' | 'properties'>): Promise<Brokers> {
  const folderOf = (id: number): string => path.join(folder, `broker-${id}`);
  const all = { ...properties, 'offsets.topic.replication.factor': 3 };
  const targets = await Promise.all(ids.map(async (id) => startTarget(side, { id, port: await freePort(), zookeeper, folder: folderOf(id), properties: all })));
  const bootstrap = targets.map((target) => target.bootstrap).join();
  const admin = createAdmin({ bootstrapServers: bootstrap });
  const isComplete = async (name: string, count: number): Promise<boolean> => {
    const partitions = (await admin.describeTopics([name]))[0]?.topic?.partitions ?? [];
    return partitions.length === count && partitions.every(({ isr, leaderId }) => isr.length === ids.length && leaderId >= 0);
  };
  return {
    bootstrap,
    processIds: targets.flatMap(({ processIds }) => processIds),
    async createTopic(name, partitions) {
      done(await admin.createTopics([{ name, partitions, replicationFactor: ids.length }]));
      for (const deadline = performance.now() + 60_000; !(await isComplete(name, partitions)); ) {
        if (performance.now() > deadline) throw new Error(`topic ${name} is not complete`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async deleteTopic(name) {
      done(await admin.deleteTopics([name]));
      await Promise.all(ids.map((id) => topicFilesGone(name, path.join(folderOf(id), 'logs'))));
    },
    async stop() {
      await admin.close();
      await Promise.all(targets.map((target) => target.stop()));
    },
  };
}

function done(outcomes: readonly Outcome[]): void {
  for (const { error } of outcomes) if (error !== undefined) throw error;
}
