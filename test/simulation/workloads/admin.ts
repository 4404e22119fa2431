import type { Admin } from '../../../src/client/admin-types.ts';
import { KafkaError } from '../../../src/protocol/errors.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { SeededRandom } from '../world/random.ts';
import type { PreparedWorkload, Workload } from './workload.ts';

const pauseMs = 4000;
const topicsMax = 3;

/** Someone who creates, changes and deletes topics, moves replicas and elects leaders, of all topics that there are. */
export const administration: Workload = {
  name: 'admin',
  needsTopicIds: true,
  prepare(cluster, random): Promise<PreparedWorkload> {
    const admin = cluster.admin(cluster.client('client-admin'));
    return Promise.resolve({
      async work() {
        for (let number = 0; !cluster.isOver; number++) {
          await cluster.world.sleep(random.integer(2 * pauseMs));
          await tryOne(cluster, random, admin, number);
        }
      },
      finish: () => admin.close(),
    });
  },
};

/** By names of their own: those of functions are the compiler's. */
const doings = [
  { name: 'create a topic', run: createTopic },
  { name: 'delete a topic', run: deleteTopic },
  { name: 'add partitions', run: addPartitions },
  { name: 'alter a config', run: alterConfig },
  { name: 'elect preferred leaders', run: electPreferred },
  { name: 'reassign', run: reassign },
] as const;

/** What the cluster refuses, or does not do in time, is its right; anything but a KafkaError is a bug of the client. */
async function tryOne(cluster: Cluster, random: SeededRandom, admin: Admin, number: number): Promise<void> {
  const doing = doings[random.integer(doings.length)]!;
  try {
    const outcome = await doing.run(admin, random, cluster, number);
    cluster.world.tell('client-admin', `${doing.name}: ${outcome}`);
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    cluster.world.tell('client-admin', `${doing.name}: ${error.name} ${error.message}`);
  }
}

type Outcomes = readonly { readonly error: KafkaError | undefined }[];
const said = (outcomes: Outcomes): string => outcomes.map(({ error }) => error?.name ?? 'done').join();

async function topicsOf(admin: Admin, isOwn: boolean): Promise<string[]> {
  const names = (await admin.listTopics()).map(({ name }) => name).sort();
  return isOwn ? names.filter((name) => name.startsWith('side-')) : names;
}

async function createTopic(admin: Admin, random: SeededRandom, { machines }: Cluster, number: number): Promise<string> {
  if ((await topicsOf(admin, true)).length >= topicsMax) return 'enough of them';
  return said(await admin.createTopics([{ name: `side-${number % 5}`, partitions: 1 + random.integer(3), replicationFactor: 1 + random.integer(machines.length) }]));
}

async function deleteTopic(admin: Admin, random: SeededRandom): Promise<string> {
  const names = await topicsOf(admin, true);
  if (names.length === 0) return 'none';
  return said(await admin.deleteTopics([names[random.integer(names.length)]!]));
}

async function addPartitions(admin: Admin, random: SeededRandom): Promise<string> {
  const [topic] = await topicsOf(admin, true);
  return topic === undefined ? 'none' : said(await admin.createPartitions([{ topic, count: 1 + random.integer(4) }]));
}

async function alterConfig(admin: Admin, random: SeededRandom): Promise<string> {
  const names = await topicsOf(admin, true);
  if (names.length === 0) return 'none';
  const name = names[random.integer(names.length)]!;
  return said(await admin.incrementalAlterConfigs([{ type: 'topic', name, changes: [{ name: 'segment.bytes', operation: 'set', value: String(1024 + random.integer(65_536)) }] }]));
}

async function electPreferred(admin: Admin): Promise<string> {
  return said(await admin.electLeaders('preferred'));
}

/** Another order of the same machines, or fewer: for a topic that others use, all of them stay. */
async function reassign(admin: Admin, random: SeededRandom, { machines }: Cluster): Promise<string> {
  const names = await topicsOf(admin, false);
  if (names.length === 0) return 'none';
  const topic = names[random.integer(names.length)]!;
  const replicas = machines.map(({ id }) => id);
  for (let at = replicas.length - 1; at > 0; at--) {
    const other = random.integer(at + 1);
    [replicas[at], replicas[other]] = [replicas[other]!, replicas[at]!];
  }
  const count = topic.startsWith('side-') ? 1 + random.integer(replicas.length) : replicas.length;
  return said(await admin.alterPartitionReassignments([{ topic, partition: 0, replicas: replicas.slice(0, count) }]));
}
