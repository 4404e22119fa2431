import { createConsumerWith } from '../../../../src/client/consumer.ts';
import type { Consumer } from '../../../../src/client/consumer.ts';
import type { AssignorName } from '../../../../src/client/group/assignors.ts';
import { KafkaError } from '../../../../src/protocol/errors.ts';
import type { Client, Cluster } from '../../cluster/cluster.ts';
import type { SeededRandom } from '../../world/random.ts';
import { noteDelivered } from './history.ts';
import type { Commit, GroupHistory } from './history.ts';

export interface MemberOptions {
  readonly topic: string;
  /** No two lives have the same. */
  readonly name: string;
  readonly instanceId: string | undefined;
  readonly assignors: readonly AssignorName[];
  readonly commits: 'automatic' | 'sync' | 'async';
  readonly pollMs: number;
  readonly sessionTimeoutMs: number;
}

/** One life of a member. */
export interface Member {
  /** Ends when it is closed, killed, or fenced. */
  readonly ended: Promise<void>;
  /** Commits what it had, and leaves. */
  close(): Promise<void>;
  kill(): void;
  pause(durationMs: number): void;
}

const commitMs = 5000;

export function startMember(cluster: Cluster, client: Client, random: SeededRandom, history: GroupHistory, options: MemberOptions): Member {
  const consumer = consumerOf(client, history.groupId, options);
  const next = new Map<number, { readonly offset: number; readonly leaderEpoch: number | undefined }>();
  let isClosing = false;

  async function assigned(added: readonly { readonly topic: string; readonly partition: number }[]): Promise<void> {
    const owned = new Set(consumer.assignment().map(({ partition }) => partition));
    for (const partition of next.keys()) if (!owned.has(partition)) next.delete(partition);
    for (const { partition } of added) next.delete(partition);
    history.assignments.push({ place: options.instanceId ?? options.name, generation: consumer.groupMetadata().generationId, partitions: [...owned] });
    await noteCommitted(consumer, history, added);
  }

  async function commit(): Promise<void> {
    const owned = new Set(consumer.assignment().map(({ partition }) => partition));
    const offsets = Array.from(next, ([partition, place]) => ({ topic: options.topic, partition, ...place })).filter(({ partition }) => owned.has(partition));
    if (options.commits === 'automatic' || offsets.length === 0) return;
    const { generationId: generation } = consumer.groupMetadata();
    const sentAt = history.tick();
    const commits: Commit[] = offsets.map(({ partition, offset }) => ({ member: options.name, generation, partition, offset, sentAt, ackedAt: undefined }));
    history.commits.push(...commits);
    const done = (options.commits === 'sync' || isClosing ? consumer.commitSync(offsets, commitMs) : consumer.commitAsync(offsets)).then(() => {
      const ackedAt = history.tick();
      for (const one of commits) one.ackedAt = ackedAt;
    }, mayBeRefused);
    if (options.commits === 'sync' || isClosing) await done;
  }

  async function work(): Promise<void> {
    while (!isClosing) {
      const records = await consumer.poll(options.pollMs);
      if (records.length === 0) continue;
      noteDelivered(history, records);
      for (const { partition, offset, leaderEpoch } of records) next.set(partition, { offset: offset + 1, leaderEpoch });
      if (random.oneIn(2)) await commit();
    }
    await commit();
    await consumer.close();
  }

  consumer.subscribe([options.topic], { assigned });
  const died = new Promise<void>((resolve) => client.process.onDeath(resolve));
  const ended = Promise.race([died, work().catch(mayBeFenced)]).then(() => client.process.kill());
  return {
    ended,
    close() {
      isClosing = true;
      return ended;
    },
    kill: () => client.process.kill(),
    pause: (durationMs) => client.process.pause(durationMs, random.oneIn(2)),
  };
}

function consumerOf({ runtime, options }: Client, groupId: string, { name, instanceId, assignors, commits, pollMs, sessionTimeoutMs }: MemberOptions): Consumer {
  return createConsumerWith(runtime, {
    ...options,
    clientId: name,
    groupId,
    ...(instanceId === undefined ? {} : { groupInstanceId: instanceId }),
    partitionAssignmentStrategy: assignors,
    enableAutoCommit: commits === 'automatic',
    autoCommitIntervalMs: 2 * pollMs,
    sessionTimeoutMs,
    heartbeatIntervalMs: sessionTimeoutMs / 4,
    maxPollIntervalMs: 4 * sessionTimeoutMs,
    maxPollRecords: 20,
    fetchMaxWaitMs: pollMs,
    autoOffsetReset: 'earliest',
  });
}

async function noteCommitted(consumer: Consumer, history: GroupHistory, places: readonly { readonly topic: string; readonly partition: number }[]): Promise<void> {
  const startedAt = history.tick();
  const { generationId: generation } = consumer.groupMetadata();
  try {
    const offsets = await consumer.committed(places, commitMs);
    const endedAt = history.tick();
    for (const { partition } of places) history.fetched.push({ generation, startedAt, endedAt, partition, offset: offsets.find((one) => one.partition === partition)?.offset });
  } catch (error) {
    mayBeRefused(error);
  }
}

/** Commits fail where others have the partitions by now, or the coordinator is away. */
function mayBeRefused(error: unknown): void {
  if (!(error instanceof KafkaError)) throw error;
}

/** Another process has its place; anything else must not come out of a poll. */
function mayBeFenced(error: unknown): void {
  if (!(error instanceof KafkaError) || error.name !== 'FENCED_INSTANCE_ID') throw error;
}
