import { topicsPath } from '../../../src/zookeeper/paths.ts';
import { brokerTopicsOf } from '../cluster/stored-topics.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { BrokerMachine } from '../world/broker-machine.ts';

/**
 * A broker that was away while its replica was moved off keeps the folder; when the topic is deleted and made again, it refuses the new one
 * with INCONSISTENT_TOPIC_ID until somebody removes the folder, in Apache Kafka too (UnifiedLog.assignTopicId).
 */
function isLeftBehind({ disk }: BrokerMachine, key: string, name: string): boolean {
  const id = /^topic_id: (.*)$/m.exec(disk.contentOf(`/data/${name}/partition.metadata`)?.toString() ?? '')?.[1];
  return id !== undefined && key.includes('/') && key !== `${name}/${id}`;
}

/** What is not yet as it should be in a cluster that nothing disturbs; nothing when all is well. */
export function notConverged({ machines, world }: Cluster): string[] {
  const wrong: string[] = [];
  for (const { name, inside, id } of machines) {
    if (inside === undefined) wrong.push(`${name} does not run`);
    else if (!world.zookeeper.peekChildren('/brokers/ids').includes(String(id))) wrong.push(`${name} is not registered`);
  }
  if (world.zookeeper.peek('/controller') === undefined) wrong.push('there is no controller');
  const partitions = brokerTopicsOf(world.zookeeper).changed();
  const refused = new Set(partitions.filter(({ key, topic, partition }) => machines.some((machine) => isLeftBehind(machine, key, `${topic}-${partition}`))));
  const refusedTopics = new Set(Array.from(refused, ({ topic }) => topic));
  for (const queue of ['/isr_change_notification', '/admin/delete_topics']) {
    // A topic is not deleted while one of its partitions is reassigned, which a replica that is refused holds up.
    const left = world.zookeeper.peekChildren(queue).filter((name) => !refusedTopics.has(name));
    if (left.length > 0) wrong.push(`${left.join()} is left in ${queue}`);
  }
  const stored = new Set(partitions.map(({ topic }) => topic));
  for (const topic of world.zookeeper.peekChildren(topicsPath)) if (!stored.has(topic)) wrong.push(`${topic} has no partition with a leader`);
  for (const one of partitions) {
    if (refused.has(one)) continue;
    const { topic, partition, replicas, isMoving, state } = one;
    const name = `${topic}-${partition}`;
    if (isMoving) wrong.push(`${name} is being reassigned`);
    if (state.isr.length !== replicas.length) wrong.push(`the ISR of ${name} is [${state.isr.join()}] of [${replicas.join()}]`);
    if (state.leader !== replicas[0]) wrong.push(`${name} is led by ${state.leader}, not by ${replicas[0]}`);
    const ends = new Set(replicas.map((id) => machines.find((machine) => machine.id === id)?.inside?.replicas.partitionOf(topic, partition)?.log.logEndOffset));
    if (ends.size > 1) wrong.push(`the replicas of ${name} end at ${[...ends].join()}`);
    for (const machine of machines) {
      const known = machine.inside?.cache.topics.get(topic)?.partitions.get(partition);
      if (known?.leaderEpoch !== state.leaderEpoch || known.isr.length !== state.isr.length) wrong.push(`${machine.name} tells epoch ${known?.leaderEpoch} and ISR [${known?.isr.join()}] of ${name}, not ${state.leaderEpoch} and [${state.isr.join()}]`);
    }
  }
  return wrong;
}
