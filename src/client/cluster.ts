import { KafkaError, isRetriable } from '../protocol/errors.ts';
import type { MetadataRequestInput, MetadataResponse } from '../protocol/messages/metadata.ts';
import { metadataRequest, metadataResponse } from '../protocol/messages/metadata.ts';
import { backoffMs } from './backoff.ts';
import type { ConnectionSettings } from './connection-options.ts';
import type { BrokerConnection } from './connections.ts';
import { createConnections } from './connections.ts';
import type { ClusterMetadata, LeaderHint, Node, TopicMetadata } from './metadata.ts';
import { emptyMetadata, mergeMetadata, unknownTopic, withLeader } from './metadata.ts';
import type { ClientRuntime } from './runtime.ts';
import { clientClosed, sleepUnlessClosed, withinTime } from './waiting.ts';

/**
 * The cluster as one client sees it: its metadata, and a connection to each broker.
 *
 *     bootstrap addresses --first answer--> metadata: nodes, topics, leaders
 *                                              |  age, leadership errors, unknown topics: asked for again
 *                              anyBroker / broker(id) --> one connection per address
 */
export interface Cluster {
  readonly runtime: ClientRuntime;
  readonly settings: ConnectionSettings;
  readonly metadata: ClusterMetadata;
  /** Aborted by close. */
  readonly signal: AbortSignal;
  /** Keeps the topic's metadata fresh from now on. */
  track(topic: string): void;
  untrack(topic: string): void;
  /** Keeps the metadata of all topics fresh, for those who choose among them. */
  trackAll(isOn: boolean): void;
  /** The topic when known; asks again in the background when what is known is older than metadata.max.age.ms. */
  topic(name: string): TopicMetadata | undefined;
  /**
   * The topic, asked for until the cluster has it.
   * @throws KafkaError REQUEST_TIMED_OUT, or what the cluster answered when that is not worth another try
   */
  topicWithin(name: string, timeoutMs: number): Promise<TopicMetadata>;
  /** Asks for the tracked topics; calls made while an answer is awaited share it. Never sooner than retry.backoff.ms after the last. */
  update(): Promise<void>;
  /** Takes a leader in that an answer named. */
  learn(hint: LeaderHint): void;
  /** One Metadata request to any broker. @throws KafkaError */
  ask(request: MetadataRequestInput, timeoutMs: number): Promise<MetadataResponse>;
  /** @throws KafkaError LEADER_NOT_AVAILABLE for an id that the metadata does not have, NETWORK_EXCEPTION */
  broker(id: number): Promise<BrokerConnection>;
  standingBroker(id: number): BrokerConnection | undefined;
  anyBroker(): Promise<BrokerConnection>;
  /**
   * Tries until it works, with back-off, as long as the failure may go away.
   * @param give what to throw when the time is up
   */
  retry<T>(timeoutMs: number, attempt: (remainingMs: number) => Promise<T>, give: (last: unknown, attempts: number) => Error): Promise<T>;
  close(): void;
}

export interface ClusterOptions {
  readonly allowAutoTopicCreation: boolean;
}

export function openCluster(runtime: ClientRuntime, settings: ConnectionSettings, options: ClusterOptions): Cluster {
  const { clock, random, logger } = runtime;
  const closing = new AbortController();
  const { signal } = closing;
  const connections = createConnections(runtime, settings, signal);
  const tracked = new Set<string>();
  let isAllTracked = false;
  let metadata = emptyMetadata;
  let updatedMs = -Infinity;
  let updating: { readonly covers: ReadonlySet<string> | 'all'; readonly done: Promise<void> } | undefined;

  const knownNodes = (): readonly { host: string; port: number }[] => (metadata.nodes.size > 0 ? [...metadata.nodes.values()] : settings.bootstrap);

  async function anyBroker(): Promise<BrokerConnection> {
    const address = connections.leastLoaded(knownNodes());
    if (address === undefined) throw new KafkaError('LEADER_NOT_AVAILABLE', 'no broker is known');
    return connections.to(address);
  }

  async function ask(request: MetadataRequestInput, timeoutMs: number): Promise<MetadataResponse> {
    const connection = await withinTime(clock, timeoutMs, anyBroker(), () => 'no connection to any broker in time');
    return connection.call(metadataRequest, metadataResponse, request, Math.min(timeoutMs, settings.requestTimeoutMs));
  }

  async function askForTracked(covers: ReadonlySet<string> | 'all'): Promise<void> {
    const waitMs = updatedMs + settings.retryBackoffMs - clock.monotonicMs();
    if (waitMs > 0) await sleepUnlessClosed(clock, waitMs, signal);
    updatedMs = clock.monotonicMs();
    const topics = covers === 'all' ? null : [...covers].map((name) => ({ name }));
    const response = await ask({ topics, allowAutoTopicCreation: options.allowAutoTopicCreation }, settings.requestTimeoutMs);
    metadata = mergeMetadata(metadata, response, covers === 'all');
    updatedMs = clock.monotonicMs();
  }

  function startUpdate(): Promise<void> {
    const covers = isAllTracked ? 'all' : new Set(tracked);
    const done = askForTracked(covers).finally(() => {
      updating = undefined;
    });
    updating = { covers, done };
    return done;
  }

  function update(): Promise<void> {
    if (signal.aborted) return Promise.reject(clientClosed());
    if (updating === undefined) return startUpdate();
    const { covers, done } = updating;
    if (covers === 'all' || (!isAllTracked && [...tracked].every((topic) => covers.has(topic)))) return done;
    return done.then(update, update);
  }

  function updateInBackground(): void {
    update().catch((error: unknown) => {
      if (!signal.aborted) logger.debug('metadata update failed', { cause: (error as Error).message });
    });
  }

  async function retry<T>(timeoutMs: number, attempt: (remainingMs: number) => Promise<T>, give: (last: unknown, attempts: number) => Error): Promise<T> {
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    for (let failures = 1; ; failures++) {
      try {
        return await attempt(deadlineMs - clock.monotonicMs());
      } catch (error) {
        if (signal.aborted) throw clientClosed();
        if (!(error instanceof KafkaError) || !isRetriable(error.name)) throw error;
        const waitMs = backoffMs(random, settings.retryBackoffMs, settings.retryBackoffMaxMs, failures);
        if (clock.monotonicMs() + waitMs >= deadlineMs) throw give(error, failures);
        await sleepUnlessClosed(clock, waitMs, signal);
      }
    }
  }

  async function topicOnce(name: string, remainingMs: number): Promise<TopicMetadata> {
    if (!metadata.topics.has(name)) await withinTime(clock, remainingMs, update(), () => 'no metadata in time');
    const topic = metadata.topics.get(name);
    if (topic !== undefined && topic.partitions.length > 0) return topic;
    throw unknownTopic(metadata, name);
  }

  return {
    runtime,
    settings,
    signal,
    get metadata() {
      return metadata;
    },
    track: (topic) => void tracked.add(topic),
    untrack: (topic) => void tracked.delete(topic),
    trackAll(isOn) {
      isAllTracked = isOn;
    },
    topic(name) {
      if (clock.monotonicMs() - updatedMs > settings.metadataMaxAgeMs && updating === undefined) updateInBackground();
      return metadata.topics.get(name);
    },
    topicWithin(name, timeoutMs) {
      tracked.add(name);
      const give = (last: unknown): Error =>
        new KafkaError('REQUEST_TIMED_OUT', `Topic ${name} not present in metadata after ${timeoutMs} ms.`, { cause: last });
      return retry(timeoutMs, (remainingMs) => topicOnce(name, remainingMs), give);
    },
    update,
    learn(hint) {
      metadata = withLeader(metadata, hint);
    },
    ask,
    async broker(id) {
      const node: Node | undefined = metadata.nodes.get(id);
      if (node === undefined) throw new KafkaError('LEADER_NOT_AVAILABLE', `broker ${id} is not known`);
      return connections.to(node);
    },
    standingBroker(id) {
      const node = metadata.nodes.get(id);
      return node === undefined ? undefined : connections.standing(node);
    },
    anyBroker,
    retry,
    close() {
      closing.abort();
      connections.close();
    },
  };
}
