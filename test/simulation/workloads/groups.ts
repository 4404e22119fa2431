import type { Admin } from '../../../src/client/admin-types.ts';
import type { AssignorName } from '../../../src/client/group/assignors.ts';
import { createProducerWith } from '../../../src/client/producer.ts';
import { groupCheckers } from '../checkers/groups/index.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { newHistory } from '../history.ts';
import type { History } from '../history.ts';
import type { SeededRandom } from '../world/random.ts';
import { comesTrue, deliveredUpTo, newGroupHistory } from './groups/history.ts';
import type { GroupHistory } from './groups/history.ts';
import { startMember } from './groups/member.ts';
import type { Member } from './groups/member.ts';
import { createTopic, producerOf, readWholeLog, sendRecords } from './record-stream.ts';
import type { PreparedWorkload, Workload } from './workload.ts';

const topic = 'jobs';
const groupId = 'workers';
const slots = 3;
/** A group that nothing disturbs is stable by then, and has read all. */
const settlesWithinMs = 120_000;

/** A group whose members come, go, die, stand still and come back, and commit in every way there is. */
export const groups: Workload = {
  name: 'groups',
  async prepare(cluster, random): Promise<PreparedWorkload> {
    const records = newHistory(2 + random.integer(4), topic, { isDurable: true, isTrimmed: false, isIdempotent: true });
    const client = cluster.client('client-jobs');
    await createTopic(cluster, client, records, { 'min.insync.replicas': '2' });
    cluster.record(records);
    const producer = createProducerWith(client.runtime, producerOf(client, random, 'all'));
    const history = newGroupHistory(groupId);
    const crew = createCrew(cluster, random.fork(), history);
    return {
      async work() {
        await Promise.all([crew.work(), sendRecords(cluster, random, producer, records)]);
        await producer.close();
      },
      async finish() {
        await readWholeLog(client, records);
        const admin = cluster.admin(client);
        await settle(cluster, admin, history, records);
        await crew.close();
        await lookAtCommitted(admin, history, records);
        await admin.close();
        for (const check of groupCheckers) for (const text of check(history)) cluster.violate(text);
      },
    };
  },
};

/** Someone who keeps so many members alive, each for a while. */
function createCrew(cluster: Cluster, random: SeededRandom, history: GroupHistory): { work(): Promise<void>; close(): Promise<void> } {
  const { world } = cluster;
  const chosen: readonly (readonly AssignorName[])[] = [['range'], ['roundrobin'], ['sticky'], ['cooperative-sticky'], ['range', 'cooperative-sticky']];
  const assignors = chosen[random.integer(chosen.length)]!;
  const isStatic = random.oneIn(3);
  const sessionTimeoutMs = 6000 + random.integer(6000);
  const pollMs = Math.max(500, 2 * cluster.paceMs);
  const members: Member[] = [];
  let isClosing = false;

  function start(slot: number, life: number): Member {
    const name = `worker-${slot}.${life}`;
    const client = cluster.client(`client-worker-${slot}`);
    const commits = (['automatic', 'sync', 'sync', 'async'] as const)[random.integer(4)]!;
    const member = startMember(cluster, client, random.fork(), history, { topic, name, instanceId: isStatic ? `worker-${slot}` : undefined, assignors, commits, pollMs, sessionTimeoutMs });
    members[slot] = member;
    cluster.begin(name, () => member.ended.then(() => (isClosing || members[slot] !== member ? undefined : void start(slot, life + 1))));
    world.tell(name, `starts${isStatic ? ', static' : ''}, ${assignors.join()}, commits ${commits}`);
    return member;
  }

  async function disturb(slot: number): Promise<void> {
    while (!cluster.isOver) {
      await world.sleep(random.integer(200 * cluster.paceMs));
      if (cluster.isOver) return;
      const member = members[slot]!;
      const draw = random.integer(4);
      world.tell(`worker-${slot}`, ['leaves', 'is killed', 'stands still', 'stands still'][draw]!);
      if (draw === 0) await member.close();
      else if (draw === 1) member.kill();
      else member.pause(random.integer(2 * sessionTimeoutMs));
    }
  }

  return {
    async work() {
      for (let slot = 0; slot < slots; slot++) start(slot, 0);
      await Promise.all(members.map((_member, slot) => disturb(slot)));
    },
    async close() {
      isClosing = true;
      await Promise.all(members.map((member) => member.close()));
    },
  };
}

async function settle({ world, violate }: Cluster, admin: Admin, history: GroupHistory, { partitions, kept }: History): Promise<void> {
  let last = '';
  const isSettled = async (): Promise<boolean> => {
    const [group] = await admin.describeConsumerGroups([groupId]);
    const endOf = deliveredUpTo(history);
    const missing = Array.from({ length: partitions }, (_, partition) => kept.filter((record) => record.partition === partition).length - endOf(partition, Infinity));
    last = `${group?.state} with ${group?.members.length} members; not yet read: ${missing.join()}`;
    return group?.state === 'Stable' && group.members.length === slots && missing.every((count) => count <= 0);
  };
  if (!(await comesTrue(world, settlesWithinMs, isSettled))) violate(`${settlesWithinMs / 1000} s after all was well the group is ${last}`);
}

async function lookAtCommitted(admin: Admin, history: GroupHistory, { partitions }: History): Promise<void> {
  const startedAt = history.tick();
  const offsets = await admin.listConsumerGroupOffsets(groupId);
  const endedAt = history.tick();
  for (let partition = 0; partition < partitions; partition++) {
    history.fetched.push({ generation: Infinity, startedAt, endedAt, partition, offset: offsets.find((one) => one.partition === partition)?.offset });
  }
}
