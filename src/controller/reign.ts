import { KafkaError } from '../protocol/errors.ts';
import { sleep } from '../runtime/clock.ts';
import {
  brokerIdPath, brokerIdsPath, configEntityPath, controllerEpochPath, deleteTopicPath, deleteTopicsPath, isrChangesPath, logDirEventsPath,
  partitionPath, partitionStatePath, partitionsPath, topicPath, topicsPath,
} from '../zookeeper/paths.ts';
import { decodeBrokerId } from '../zookeeper/znodes/broker-id.ts';
import { decodeIsrChange } from '../zookeeper/znodes/isr-change.ts';
import { decodePartitionState, encodePartitionState } from '../zookeeper/znodes/partition-state.ts';
import type { PartitionState } from '../zookeeper/znodes/partition-state.ts';
import { decodeTopic, encodeTopic } from '../zookeeper/znodes/topic.ts';
import type { Operation, ZooKeeper } from '../zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';
import { createBrokerChannel } from './broker-channel.ts';
import type { BrokerChannel } from './broker-channel.ts';
import { leaderAndIsr, leaderAndIsrFor, stopReplica, stopReplicaFor, updateMetadata, updateMetadataFor } from './broker-requests.ts';
import type { RequestContext } from './broker-requests.ts';
import { electable, emptyClusterState, leaderless, partitionsOf } from './cluster-state.ts';
import type { ControlledPartition, ControlledTopic } from './cluster-state.ts';
import type { ControllerOptions } from './controller.ts';
import { electForShutdown, electOffline, firstState, withoutReplica } from './elections.ts';
import { newTopicId } from './topic-id.ts';

/**
 * One controller's time in office: events in one queue, one at a time. Each change goes to ZooKeeper first, guarded by
 * the version of /controller_epoch, then into the copy here, then to the brokers.
 *
 *     watches ──► queue ──► elections (pure) ──► ZooKeeper ──► LeaderAndIsr, UpdateMetadata, StopReplica per broker
 */
export interface Reign {
  begin(): Promise<void>;
  end(): void;
  controlledShutdown(brokerId: number, brokerEpoch: number): Promise<readonly { readonly topic: string; readonly partition: number }[]>;
}

export interface ReignOptions extends Omit<ControllerOptions, 'zookeeper'> {
  readonly zookeeper: ZooKeeper;
  readonly epoch: number;
  /** Version of /controller_epoch: a write after another controller came fails on it. */
  readonly epochVersion: number;
  /** Another controller has come. */
  readonly moved: () => void;
}

/** Another broker has raised /controller_epoch: nothing of this reign may be written any more. */
class ControllerMoved extends Error {
  override readonly name = 'ControllerMoved';
}

const retryBackoffMs = 500;
/** Steps of one transaction: well below what jute.maxbuffer (1 MiB) holds. */
const operationsPerMulti = 500;

export function createReign(options: ReignOptions): Reign {
  const { zookeeper, clock, logger, brokerId, protocol } = options;
  const cluster = emptyClusterState();
  const channels = new Map<number, BrokerChannel>();
  const context: RequestContext = { controllerId: brokerId, controllerEpoch: options.epoch, protocol, listenerName: options.listenerName };
  let tail: Promise<void> = Promise.resolve();
  let isOver = false;

  /** Queues an event; one that fails is tried again, unless the reign is over. */
  function enqueue(name: string, event: () => Promise<void>): void {
    tail = tail.then(async () => {
      while (!isOver) {
        try {
          await event();
          return;
        } catch (error) {
          if (isOver) return;
          if (error instanceof ControllerMoved) {
            logger.warn('another controller has come', { event: name, epoch: options.epoch });
            options.moved();
            return;
          }
          if (error instanceof ZooKeeperError && error.name === 'SESSION_EXPIRED') return; // the broker hears of it and starts anew
          logger.error('controller event failed; trying again', { event: name, error });
          await sleep(clock, retryBackoffMs);
        }
      }
    });
  }

  const watch = (name: string, event: () => Promise<void>) => (): void => {
    if (!isOver) enqueue(name, event);
  };

  async function guarded(operations: readonly Operation[]): ReturnType<ZooKeeper['multi']> {
    try {
      const results = await zookeeper.multi([{ kind: 'check', path: controllerEpochPath, version: options.epochVersion }, ...operations]);
      return results.slice(1);
    } catch (error) {
      if (error instanceof ZooKeeperError && error.failedStep === 0) throw new ControllerMoved('the controller epoch was raised', { cause: error });
      throw error;
    }
  }

  // --- loading -------------------------------------------------------------------------------------------------

  async function load(): Promise<void> {
    await clearNotifications(isrChangesPath);
    await clearNotifications(logDirEventsPath);
    await zookeeper.children(isrChangesPath, watch('isr change', isrChanged));
    await loadBrokers();
    const names = await zookeeper.children(topicsPath, watch('topics', topicsChanged));
    await Promise.all(names.map((name) => loadTopic(name)));
    await loadDeletions();
  }

  async function clearNotifications(path: string): Promise<void> {
    for (const name of await zookeeper.children(path)) await zookeeper.delete(`${path}/${name}`, -1).catch(unlessGone);
  }

  async function loadBrokers(): Promise<{ readonly come: readonly number[]; readonly gone: readonly number[] }> {
    const ids = (await zookeeper.children(brokerIdsPath, watch('brokers', brokersChanged))).map(Number);
    const come: number[] = [];
    const gone = Array.from(cluster.brokers.keys()).filter((id) => !ids.includes(id));
    for (const id of ids) {
      const found = await zookeeper.find(brokerIdPath(id));
      const known = cluster.brokers.get(id);
      if (found === undefined || known?.epoch === found.stat.czxid) continue;
      if (known !== undefined) gone.push(id); // it bounced: its old self died, its new self came
      cluster.brokers.set(id, { id, epoch: found.stat.czxid, registration: decodeBrokerId(found.data) });
      come.push(id);
    }
    for (const id of gone) {
      channels.get(id)?.close();
      channels.delete(id);
      cluster.stopping.delete(id);
      if (!come.includes(id)) cluster.brokers.delete(id);
    }
    for (const id of come) openChannel(id);
    return { come, gone: gone.filter((id) => !come.includes(id)) };
  }

  function openChannel(id: number): void {
    const endpoint = cluster.brokers.get(id)?.registration.endpoints.find(({ listener }) => listener === options.listenerName);
    if (endpoint === undefined) {
      logger.error('a broker has no inter-broker listener and gets no requests', { broker: id, listener: options.listenerName });
      return;
    }
    const { network, requestTimeoutMs } = options;
    channels.set(id, createBrokerChannel({ network, clock, logger, controllerId: brokerId, brokerId: id, host: endpoint.host, port: endpoint.port, timeoutMs: requestTimeoutMs }));
  }

  async function loadTopic(name: string): Promise<ControlledTopic | undefined> {
    const found = await zookeeper.find(topicPath(name), watch('topic', () => topicChanged(name)));
    if (found === undefined) return undefined;
    const stored = decodeTopic(found.data);
    const topicId = stored.topicId ?? (protocol.hasTopicIds ? await giveTopicId(name, stored, found.stat.version) : undefined);
    const known = cluster.topics.get(name);
    const topic: ControlledTopic = { name, topicId, partitions: new Map() };
    await Promise.all(
      Array.from(stored.partitions, async ([partition, assignment]) => {
        const before = known?.partitions.get(partition);
        const leadership = before === undefined ? await readLeadership(name, partition) : before.leadership;
        topic.partitions.set(partition, { topic: name, partition, assignment, leadership });
      }),
    );
    cluster.topics.set(name, topic);
    return topic;
  }

  async function giveTopicId(name: string, stored: ReturnType<typeof decodeTopic>, version: number): Promise<string> {
    const topicId = newTopicId(options.random);
    await guarded([{ kind: 'set', path: topicPath(name), data: encodeTopic({ ...stored, version: protocol.topicZnodeVersion, topicId }), version }]);
    return topicId;
  }

  async function readLeadership(topic: string, partition: number): Promise<ControlledPartition['leadership']> {
    const found = await zookeeper.find(partitionStatePath(topic, partition));
    return found === undefined ? undefined : { state: decodePartitionState(found.data), version: found.stat.version };
  }

  // --- events --------------------------------------------------------------------------------------------------

  async function begin(): Promise<void> {
    await load();
    tellMetadata(allBrokers(), []);
    tellLeadership(Array.from(partitionsOf(cluster)), false);
    tellMetadata(allBrokers(), Array.from(partitionsOf(cluster)));
    await reconcile();
    await deleteTopics();
  }

  async function brokersChanged(): Promise<void> {
    const { come, gone } = await loadBrokers();
    if (come.length === 0 && gone.length === 0) return;
    logger.info('brokers changed', { come, gone, live: allBrokers() });
    tellMetadata(allBrokers().filter((id) => !come.includes(id)), []);
    const all = Array.from(partitionsOf(cluster));
    tellMetadata(come, all);
    for (const id of come) {
      tellLeadership(all.filter(({ assignment }) => assignment.replicas.includes(id)), false, [id]);
    }
    await reconcile();
    await deleteTopics();
  }

  async function topicsChanged(): Promise<void> {
    const names = await zookeeper.children(topicsPath, watch('topics', topicsChanged));
    for (const known of Array.from(cluster.topics.keys())) if (!names.includes(known)) cluster.topics.delete(known);
    await Promise.all(names.filter((name) => !cluster.topics.has(name)).map((name) => loadTopic(name)));
    await reconcile();
  }

  async function topicChanged(name: string): Promise<void> {
    if (!cluster.topics.has(name) || cluster.toDelete.has(name)) return;
    await loadTopic(name);
    await reconcile();
  }

  async function isrChanged(): Promise<void> {
    const names = await zookeeper.children(isrChangesPath, watch('isr change', isrChanged));
    const changed = new Set<ControlledPartition>();
    for (const name of names) {
      const found = await zookeeper.find(`${isrChangesPath}/${name}`);
      for (const { topic, partition } of found === undefined ? [] : decodeIsrChange(found.data)) {
        const known = cluster.topics.get(topic)?.partitions.get(partition);
        if (known === undefined) continue;
        known.leadership = await readLeadership(topic, partition);
        changed.add(known);
      }
    }
    if (changed.size > 0) tellMetadata(allBrokers(), Array.from(changed));
    for (const name of names) await zookeeper.delete(`${isrChangesPath}/${name}`, -1).catch(unlessGone);
  }

  // --- leaders -------------------------------------------------------------------------------------------------

  /** Gives every partition a living leader where one can be, and takes dead brokers out of the ISRs. */
  async function reconcile(): Promise<void> {
    const created: ControlledPartition[] = [];
    const changed: ControlledPartition[] = [];
    const live = electable(cluster);
    const fresh: { readonly partition: ControlledPartition; readonly state: PartitionState }[] = [];
    for (const partition of partitionsOf(cluster)) {
      if (cluster.toDelete.has(partition.topic)) continue;
      if (partition.leadership === undefined) {
        const state = firstState(partition.assignment.replicas, live, options.epoch);
        if (state === undefined) logger.warn('no replica lives; the partition has no leader', { topic: partition.topic, partition: partition.partition, replicas: partition.assignment.replicas });
        else fresh.push({ partition, state });
      }
    }
    await storeFirstStates(fresh);
    created.push(...fresh.map(({ partition }) => partition));
    await Promise.all(
      Array.from(partitionsOf(cluster), async (partition) => {
        if (cluster.toDelete.has(partition.topic) || created.includes(partition)) return;
        if (await repair(partition, live)) changed.push(partition);
      }),
    );
    if (created.length > 0) tellLeadership(created, true);
    if (changed.length > 0) tellLeadership(changed, false);
    if (created.length + changed.length > 0) tellMetadata(allBrokers(), [...created, ...changed]);
  }

  async function storeFirstStates(fresh: readonly { readonly partition: ControlledPartition; readonly state: PartitionState }[]): Promise<void> {
    const parents = new Set<string>();
    for (const { partition } of fresh) if (partition.partition === 0 || !hasStates(partition.topic)) parents.add(partition.topic);
    for (const topic of parents) await guarded([{ kind: 'create', path: partitionsPath(topic), data: undefined }]).catch(unlessThere);
    const perMulti = Math.floor(operationsPerMulti / 2);
    for (let at = 0; at < fresh.length; at += perMulti) {
      const some = fresh.slice(at, at + perMulti);
      await guarded(some.map(({ partition }) => ({ kind: 'create' as const, path: partitionPath(partition.topic, partition.partition), data: undefined })));
      await guarded(
        some.map(({ partition, state }) => ({ kind: 'create' as const, path: partitionStatePath(partition.topic, partition.partition), data: encodePartitionState(state) })),
      );
      for (const { partition, state } of some) partition.leadership = { state, version: 0 };
    }
  }

  function hasStates(topic: string): boolean {
    return Array.from(cluster.topics.get(topic)?.partitions.values() ?? []).some(({ leadership }) => leadership !== undefined);
  }

  /** True when the partition's leader or ISR changed. */
  async function repair(partition: ControlledPartition, live: ReadonlySet<number>): Promise<boolean> {
    for (;;) {
      const next = await nextState(partition, live);
      if (next === undefined) return false;
      if (await storeState(partition, next)) return true;
    }
  }

  async function nextState(partition: ControlledPartition, live: ReadonlySet<number>): Promise<PartitionState | undefined> {
    const { replicas } = partition.assignment;
    const state = partition.leadership!.state;
    if (leaderless(partition, new Set(cluster.brokers.keys()))) {
      const clean = electOffline(replicas, state, live, false, options.epoch);
      if (clean !== undefined) return clean;
      const isLivingReplica = replicas.some((id) => live.has(id));
      const unclean = isLivingReplica && (await options.isUncleanElectionAllowed(partition.topic)) ? electOffline(replicas, state, live, true, options.epoch) : undefined;
      if (unclean !== undefined) {
        logger.warn('unclean leader election: records may be lost', { topic: partition.topic, partition: partition.partition, leader: unclean.leader, formerIsr: state.isr });
        return unclean;
      }
    }
    const dead = state.isr.filter((id) => !cluster.brokers.has(id));
    let next: PartitionState | undefined;
    for (const id of dead) next = withoutReplica(next ?? state, id, options.epoch) ?? next;
    return next === undefined ? undefined : { ...next, leaderEpoch: state.leaderEpoch + 1 };
  }

  /** False when another's change came first: it was read, and the decision must be made again. */
  async function storeState(partition: ControlledPartition, state: PartitionState): Promise<boolean> {
    const path = partitionStatePath(partition.topic, partition.partition);
    try {
      const results = await guarded([{ kind: 'set', path, data: encodePartitionState(state), version: partition.leadership!.version }]);
      logger.info('leader and isr changed', { topic: partition.topic, partition: partition.partition, leader: state.leader, isr: state.isr, leaderEpoch: state.leaderEpoch });
      partition.leadership = { state, version: results[0]!.stat!.version };
      return true;
    } catch (error) {
      if (!(error instanceof ZooKeeperError) || error.name !== 'BAD_VERSION') throw error;
      partition.leadership = await readLeadership(partition.topic, partition.partition);
      return false;
    }
  }

  async function shutDown(id: number, epoch: number): Promise<readonly ControlledPartition[]> {
    const broker = cluster.brokers.get(id);
    if (broker === undefined) throw new KafkaError('BROKER_NOT_AVAILABLE', `broker ${id} is not registered`);
    if (epoch >= 0 && epoch !== broker.epoch) throw new KafkaError('STALE_BROKER_EPOCH', `broker ${id} has epoch ${broker.epoch}, not ${epoch}`);
    cluster.stopping.add(id);
    const changed: ControlledPartition[] = [];
    const hosted = Array.from(partitionsOf(cluster)).filter(
      ({ topic, assignment, leadership }) => assignment.replicas.length > 1 && assignment.replicas.includes(id) && leadership !== undefined && !cluster.toDelete.has(topic),
    );
    for (const partition of hosted) {
      for (let isStored = false; !isStored; ) {
        const { state } = partition.leadership!;
        const { replicas } = partition.assignment;
        const next = state.leader === id ? electForShutdown(replicas, state, new Set(cluster.brokers.keys()), cluster.stopping, options.epoch) : withoutReplica(state, id, options.epoch);
        if (next === undefined) break;
        isStored = await storeState(partition, next);
        if (isStored) changed.push(partition);
      }
    }
    const followed = hosted.filter(({ leadership }) => leadership!.state.leader !== id);
    if (followed.length > 0) channels.get(id)?.send(stopReplica, protocol.stopReplicaVersion, stopReplicaFor(id, context, cluster, followed, false));
    tellLeadership(changed, false, allBrokers().filter((other) => other !== id));
    tellMetadata(allBrokers(), changed);
    return hosted.filter(({ leadership }) => leadership!.state.leader === id);
  }

  // --- deletion ------------------------------------------------------------------------------------------------

  async function loadDeletions(): Promise<void> {
    const names = await zookeeper.children(deleteTopicsPath, watch('delete topics', deletionsChanged));
    for (const name of names) {
      if (cluster.topics.has(name)) cluster.toDelete.add(name);
      else await zookeeper.delete(deleteTopicPath(name), -1).catch(unlessGone);
    }
  }

  async function deletionsChanged(): Promise<void> {
    await loadDeletions();
    await deleteTopics();
  }

  /** Deletes what all replicas can delete; the rest waits for its brokers. */
  async function deleteTopics(): Promise<void> {
    for (const name of Array.from(cluster.toDelete)) {
      const partitions = Array.from(cluster.topics.get(name)?.partitions.values() ?? []);
      const hosts = new Set(partitions.flatMap(({ assignment }) => assignment.replicas));
      if (Array.from(hosts).some((id) => !cluster.brokers.has(id))) {
        logger.info('topic deletion waits for a broker', { topic: name, brokers: Array.from(hosts).filter((id) => !cluster.brokers.has(id)) });
        continue;
      }
      tellMetadata(allBrokers(), partitions);
      for (const id of hosts) {
        const hosted = partitions.filter(({ assignment }) => assignment.replicas.includes(id));
        channels.get(id)?.send(stopReplica, protocol.stopReplicaVersion, stopReplicaFor(id, context, cluster, hosted, true), (response) => {
          const failed = response.errorCode !== 0 || response.partitionErrors.some(({ errorCode }) => errorCode !== 0);
          if (failed) logger.warn('a broker could not delete its replicas; the topic stays marked', { topic: name, broker: id });
          hosts.delete(id);
          if (hosts.size === 0 && !failed && !isOver) enqueue('topic deleted', () => forgetTopic(name));
        });
      }
      if (hosts.size === 0) await forgetTopic(name);
    }
  }

  async function forgetTopic(name: string): Promise<void> {
    if (!cluster.toDelete.has(name)) return;
    await guarded([]);
    await zookeeper.deleteRecursive(topicPath(name));
    await zookeeper.deleteRecursive(configEntityPath(`topics/${name}`));
    await guarded([{ kind: 'delete', path: deleteTopicPath(name), version: -1 }]).catch(unlessGone);
    cluster.topics.delete(name);
    cluster.toDelete.delete(name);
    logger.info('topic deleted', { topic: name });
  }

  // --- telling brokers -----------------------------------------------------------------------------------------

  const allBrokers = (): number[] => Array.from(cluster.brokers.keys());

  function tellMetadata(ids: readonly number[], partitions: readonly ControlledPartition[]): void {
    for (const id of ids) channels.get(id)?.send(updateMetadata, protocol.updateMetadataVersion, updateMetadataFor(id, context, cluster, partitions), refused('UpdateMetadata', id));
  }

  /** To the replicas of each partition, or those of `only`. */
  function tellLeadership(partitions: readonly ControlledPartition[], isNew: boolean, only: readonly number[] = allBrokers()): void {
    for (const id of only) {
      const hosted = partitions.filter(({ assignment, leadership }) => leadership !== undefined && assignment.replicas.includes(id));
      if (hosted.length === 0) continue;
      channels.get(id)?.send(leaderAndIsr, protocol.leaderAndIsrVersion, leaderAndIsrFor(id, context, cluster, hosted, isNew), refused('LeaderAndIsr', id));
    }
  }

  const refused =
    (request: string, id: number) =>
    ({ errorCode }: { readonly errorCode: number }): void => {
      if (errorCode !== 0) logger.warn('a broker refused a request of the controller', { request, broker: id, errorCode });
    };

  return {
    begin() {
      return new Promise((resolve) => {
        enqueue('begin', async () => {
          await begin();
          resolve();
        });
      });
    },
    end() {
      isOver = true;
      for (const channel of channels.values()) channel.close();
      channels.clear();
    },
    controlledShutdown(id, epoch) {
      return new Promise((resolve, reject) => {
        enqueue('controlled shutdown', async () => {
          try {
            resolve(await shutDown(id, epoch));
          } catch (error) {
            if (!(error instanceof KafkaError)) throw error;
            reject(error);
          }
        });
      });
    },
  };
}

function unlessGone(error: unknown): void {
  if (!(error instanceof ZooKeeperError) || error.name !== 'NO_NODE') throw error;
}

function unlessThere(error: unknown): void {
  if (!(error instanceof ZooKeeperError) || error.name !== 'NODE_EXISTS') throw error;
}
