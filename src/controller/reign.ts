import type { Timer } from '../runtime/clock.ts';
import { isrChangesPath, logDirEventsPath, preferredReplicaElectionPath } from '../zookeeper/paths.ts';
import { MalformedZnode } from '../zookeeper/znodes/json.ts';
import { decodePreferredReplicaElection } from '../zookeeper/znodes/preferred-replica-election.ts';
import type { TopicPartition } from '../zookeeper/znodes/partitions.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import { createClusterLoader } from './cluster-loader.ts';
import { emptyClusterState, partitionsOf, replicaKey } from './cluster-state.ts';
import type { ControlledPartition } from './cluster-state.ts';
import { createControllerRequests } from './controller-requests.ts';
import type { ControllerRequests } from './controller-requests.ts';
import type { ControllerOptions } from './controller.ts';
import { createEventQueue } from './event-queue.ts';
import { writeFeatureNode } from './feature-node.ts';
import { createGuardedWriter } from './guarded-writer.ts';
import { imbalanced } from './imbalance.ts';
import { createLeadership } from './leadership.ts';
import { createMessenger } from './messenger.ts';
import { createReassignments } from './reassignments.ts';
import { createTopicDeletion } from './topic-deletion.ts';

/**
 * One controller's time in office: events in one queue, one at a time. Each change goes to ZooKeeper first, guarded by
 * the version of /controller_epoch, then into the copy here, then to the brokers.
 */
export interface Reign {
  /** Resolves when every broker was told what is; also when the reign ends first. */
  begin(): Promise<void>;
  /** Tries again to find a leader for partitions that have none. */
  electOffline(): void;
  end(): void;
  readonly requests: ControllerRequests;
}

export interface ReignOptions extends Omit<ControllerOptions, 'zookeeper'> {
  readonly zookeeper: ZooKeeper;
  readonly epoch: number;
  /** Version of /controller_epoch: a write after another controller came fails on it. */
  readonly epochVersion: number;
  /** Another controller has come. */
  readonly moved: () => void;
}

/** Before the first look at who leads too little, as in Apache Kafka. */
const firstRebalanceMs = 5000;

export function createReign(options: ReignOptions): Reign {
  const { zookeeper, clock, logger, brokerId, protocol, random, network, listenerName } = options;
  const cluster = emptyClusterState();
  const queue = createEventQueue(clock, logger, options.moved);
  const writer = createGuardedWriter(zookeeper, options.epochVersion);
  const context = { controllerId: brokerId, controllerEpoch: options.epoch, protocol, listenerName };
  const messenger = createMessenger({ context, cluster, network, clock, logger, controllerId: brokerId, timeoutMs: options.requestTimeoutMs, replicasFailed });
  const loader = createClusterLoader({ zookeeper, writer, cluster, protocol, random, logger });
  const leadership = createLeadership({ cluster, loader, writer, messenger, logger, controllerEpoch: options.epoch, isUncleanElectionAllowed: options.isUncleanElectionAllowed });
  const enqueue = (name: string, event: () => Promise<void>): void => queue.add(name, event);
  const deletion = createTopicDeletion({
    zookeeper,
    writer,
    cluster,
    messenger,
    logger,
    leadership,
    isEnabled: options.isTopicDeletionEnabled,
    isTopic: async (name) => cluster.topics.has(name) || (await loader.loadTopic(name, onTopic)) !== undefined,
    isBeingReassigned: (name) => reassignments.isRunningFor(name),
    enqueue,
  });
  const reassignments = createReassignments({
    zookeeper,
    writer,
    cluster,
    loader,
    leadership,
    messenger,
    logger,
    controllerEpoch: options.epoch,
    enqueue,
    ended: () => deletion.resume(),
  });
  const { requests, end: endRequests } = createControllerRequests({ cluster, leadership, reassignments, enqueue });
  /** Brokers that came or went and not all was done about; an event that fails is run again. */
  const news = { come: new Set<number>(), gone: new Set<number>() };
  let isEnded = false;
  let rebalanceTimer: Timer = { cancel: () => undefined };
  let finishBegin: () => void = () => undefined;
  const onBrokers = (): void => queue.add('brokers', brokersChanged);
  const onTopics = (): void => queue.add('topics', topicsChanged);
  const onTopic = (name: string): void => queue.add('topic', () => topicChanged(name));
  const onDeletions = (): void => queue.add('delete topics', deletionsChanged);
  const onIsrChanges = (): void => queue.add('isr changes', isrChanged);
  const onPreferredElection = (): void => queue.add('preferred replica election', electPreferred);
  const onLogDirEvents = (): void => queue.add('log directory events', logDirectoriesFailed);
  const onReassignments = (): void => queue.add('reassign partitions node', () => reassignments.loadNode(onReassignments));
  const live = (): number[] => Array.from(cluster.brokers.keys());

  /** In the order of Apache Kafka's failover: brokers must know each other before they are told whom to follow. */
  async function begin(): Promise<void> {
    await writeFeatureNode(zookeeper, writer, protocol);
    await Promise.all([isrChangesPath, logDirEventsPath].map(dropNotifications));
    await isrChanged();
    await logDirectoriesFailed();
    const { come } = await loader.loadBrokers(onBrokers);
    for (const id of come) messenger.open(id);
    await loader.loadTopics(onTopics, onTopic);
    await deletion.load(onDeletions);
    const all = Array.from(partitionsOf(cluster));
    messenger.tellMetadata(live(), []);
    messenger.tellLeadership(live(), all, false);
    messenger.tellMetadata(live(), all);
    await leadership.takeDeadOffline();
    await reconcile();
    await reassignments.load(onReassignments);
    await electPreferred();
    if (options.rebalance.isEnabled) rebalanceIn(firstRebalanceMs);
    finishBegin();
  }

  function rebalanceIn(delayMs: number): void {
    if (isEnded) return;
    rebalanceTimer = clock.setTimer(delayMs, () => {
      queue.add('leader imbalance', async () => {
        const electable = new Set(live().filter((id) => !cluster.stopping.has(id)));
        const kept = Array.from(partitionsOf(cluster)).filter(({ topic }) => !cluster.toDelete.has(topic) && !reassignments.isRunningFor(topic));
        const chosen = imbalanced(kept, electable, options.rebalance.percentage);
        if (chosen.length > 0) await leadership.elect(chosen, 'preferred');
      });
      rebalanceIn(options.rebalance.intervalMs);
    });
  }

  /** Brokers that lost a log directory: asked about all they have, they answer which replicas went with it. */
  async function logDirectoriesFailed(): Promise<void> {
    const { brokerIds, forget } = await loader.loadLogDirEvents(onLogDirEvents);
    messenger.tellLeadership(brokerIds, Array.from(partitionsOf(cluster)), false);
    await forget();
  }

  function replicasFailed(id: number, partitions: readonly ControlledPartition[]): void {
    queue.add('replicas in failed log directories', async () => {
      if (!cluster.brokers.has(id)) return;
      cluster.offlineReplicas.set(id, new Set([...(cluster.offlineReplicas.get(id) ?? []), ...partitions.map(replicaKey)]));
      logger.warn('replicas are offline with their log directory', { broker: id, partitions: partitions.map(replicaKey) });
      await leadership.reconcile();
    });
  }

  async function dropNotifications(path: string): Promise<void> {
    await Promise.all((await zookeeper.children(path)).map((name) => writer.delete(`${path}/${name}`)));
  }

  async function reconcile(): Promise<void> {
    await leadership.reconcile();
    await deletion.resume();
  }

  async function brokersChanged(): Promise<void> {
    const found = await loader.loadBrokers(onBrokers);
    for (const id of found.gone) {
      messenger.close(id);
      deletion.brokerGone(id);
      news.gone.add(id);
    }
    for (const id of found.come) news.come.add(id);
    const [come, gone] = [Array.from(news.come), Array.from(news.gone)];
    if (come.length === 0 && gone.length === 0) return;
    logger.info('brokers changed', { come, gone, live: live() });
    // A broker that bounced may be back with less than it had: what it led is led anew before it is told of anything.
    const bounced = new Set(gone.filter((id) => news.come.has(id)));
    if (bounced.size > 0) await leadership.reconcile(bounced);
    // A leader that came back must not commit without a member that its former life took in.
    await loader.refreshIsrsLedBy(come);
    for (const id of come) messenger.open(id);
    const all = Array.from(partitionsOf(cluster));
    messenger.tellMetadata(live().filter((id) => !news.come.has(id)), []);
    messenger.tellMetadata(come, all);
    messenger.tellLeadership(come, all, false);
    news.come.clear();
    news.gone.clear();
    queue.add('reconcile', async () => {
      await loader.refreshIsrsWithout(gone);
      await reconcile();
    });
    queue.add('reassignments of brokers that came', () => reassignments.brokersCame(come));
  }

  async function topicsChanged(): Promise<void> {
    await loader.loadTopics(onTopics, onTopic);
    await leadership.reconcile();
  }

  async function topicChanged(name: string): Promise<void> {
    if (!cluster.topics.has(name) || cluster.toDelete.has(name)) return;
    await loader.loadTopic(name, onTopic);
    await leadership.reconcile();
  }

  async function deletionsChanged(): Promise<void> {
    await deletion.load(onDeletions);
    await deletion.resume();
  }

  async function isrChanged(): Promise<void> {
    const { partitions, forget } = await loader.loadIsrChanges(onIsrChanges);
    if (partitions.length > 0) messenger.tellMetadata(live(), partitions);
    // A member that the leader took in may be gone meanwhile.
    await leadership.reconcile();
    await reassignments.isrChanged(partitions);
    await forget();
  }

  /** Old tools write /admin/preferred_replica_election; that it is gone tells them that all was tried. */
  async function electPreferred(): Promise<void> {
    const found = await zookeeper.find(preferredReplicaElectionPath, onPreferredElection);
    if (found === undefined) return;
    const wanted = partitionsNamed(found.data).flatMap(({ topic, partition }) => cluster.topics.get(topic)?.partitions.get(partition) ?? []);
    await leadership.elect(wanted.filter(({ topic }) => !cluster.toDelete.has(topic)), 'preferred');
    await writer.delete(preferredReplicaElectionPath);
  }

  function partitionsNamed(data: Buffer): readonly TopicPartition[] {
    try {
      return decodePreferredReplicaElection(data);
    } catch (error) {
      if (!(error instanceof MalformedZnode)) throw error;
      logger.error('a znode makes no sense and is removed', { path: preferredReplicaElectionPath, error });
      return [];
    }
  }

  return {
    requests,
    begin() {
      queue.add('begin', begin);
      return new Promise((resolve) => {
        finishBegin = resolve;
      });
    },
    electOffline: () => queue.add('unclean leader election enabled', () => leadership.reconcile()),
    end() {
      isEnded = true;
      queue.close();
      messenger.end();
      finishBegin();
      endRequests();
      rebalanceTimer.cancel();
    },
  };
}
