import { KafkaError, errorByCode, isRetriable } from '../protocol/errors.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { ProduceRequestInput, ProduceResponse } from '../protocol/messages/produce.ts';
import { produceRequest, produceResponse } from '../protocol/messages/produce.ts';
import type { Timer } from '../runtime/clock.ts';
import type { Accumulator, PartitionQueue, Urgency } from './accumulator.ts';
import { backoffMs } from './backoff.ts';
import type { Cluster } from './cluster.ts';
import type { BrokerConnection } from './connections.ts';
import type { ProducerBatch } from './producer-batch.ts';
import type { Delivery } from './producer-delivery.ts';
import type { ProducerSettings } from './producer-options.ts';

/** Room for the request around its batches. */
const requestOverheadBytes = 512;
/** Answers that mean: this broker does not lead that partition (any more). */
const leaderErrors: readonly ErrorName[] = ['NOT_LEADER_OR_FOLLOWER', 'LEADER_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION', 'KAFKA_STORAGE_ERROR', 'REPLICA_NOT_AVAILABLE', 'FENCED_LEADER_EPOCH', 'UNKNOWN_LEADER_EPOCH'];

export interface Sender {
  /** Something may be ready: looks once this turn of the event loop is over, so that its sends go together. */
  wake(): void;
  /** Looks again at `atMs` (monotonic) at the latest. */
  wakeAt(atMs: number): void;
  /** Fails what waits to be sent. */
  failAll(error: Error): void;
  stop(): void;
}

/** Answers to a batch whose number the leader did not expect. */
const sequenceErrors: readonly ErrorName[] = ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID'];

/** Moves ready batches to the leaders of their partitions, and their outcomes back: Kafka's Sender. */
export function createSender(cluster: Cluster, accumulator: Accumulator, settings: ProducerSettings, urgency: Urgency, delivery: Delivery | undefined): Sender {
  const { clock, random, logger } = cluster.runtime;
  const inFlight = new Map<number, number>();
  const connecting = new Set<number>();
  let timer: Timer | undefined;
  let timerMs = Infinity;
  let isWoken = false;
  let isStopped = false;
  let isCodecLoaded = settings.compressionType === 'none';
  if (!isCodecLoaded) {
    void cluster.runtime.loadCodec(settings.compressionType).finally(() => {
      isCodecLoaded = true;
      wake();
    });
  }

  function wake(): void {
    if (isWoken || isStopped || !isCodecLoaded) return;
    isWoken = true;
    clock.defer(drain);
  }

  function wakeAt(atMs: number): void {
    if (isStopped || atMs >= timerMs) return;
    timer?.cancel();
    timerMs = atMs;
    timer = clock.setTimer(Math.max(0, atMs - clock.monotonicMs()), () => {
      timer = undefined;
      timerMs = Infinity;
      wake();
    });
  }

  function drain(): void {
    isWoken = false;
    const nowMs = clock.monotonicMs();
    const byLeader = new Map<number, PartitionQueue[]>();
    let nextMs = Infinity;
    let isLeaderMissing = false;
    for (const queue of accumulator.activeQueues()) {
      if (accumulator.expiryMs(queue) <= nowMs) expire(queue, nowMs);
      nextMs = Math.min(nextMs, accumulator.expiryMs(queue));
      const dueMs = accumulator.dueMs(queue, urgency);
      if (dueMs > nowMs) {
        nextMs = Math.min(nextMs, dueMs);
        continue;
      }
      if (delivery?.mayGo(queue) === false) continue;
      const leaderId = cluster.topic(queue.topic)?.partitions[queue.partition]?.leaderId ?? -1;
      if (leaderId < 0) isLeaderMissing = true;
      else byLeader.set(leaderId, [...(byLeader.get(leaderId) ?? []), queue]);
    }
    if (isLeaderMissing) refreshThenWake();
    for (const [leaderId, queues] of byLeader) sendTo(leaderId, queues);
    if (nextMs < Infinity) wakeAt(nextMs);
  }

  function expire(queue: PartitionQueue, nowMs: number): void {
    while (accumulator.expiryMs(queue) <= nowMs) {
      const batch = accumulator.take(queue);
      const detail = `Expiring ${batch.recordCount} record(s) for ${batch.topic}-${batch.partition}:${Math.round(nowMs - batch.createdMs)} ms has passed since batch creation`;
      fail(batch, new KafkaError('REQUEST_TIMED_OUT', detail));
    }
  }

  function fail(batch: ProducerBatch, error: KafkaError, errorOf: (index: number) => Error = () => error): void {
    delivery?.failed(batch, error);
    batch.fail(errorOf);
  }

  function succeed(batch: ProducerBatch, baseOffset: number, appendTimeMs: number): void {
    delivery?.succeeded(batch);
    batch.succeed(baseOffset, appendTimeMs);
  }

  function refreshThenWake(): void {
    cluster.update().then(
      () => wakeAt(clock.monotonicMs() + settings.lingerMs),
      () => wakeAt(clock.monotonicMs() + cluster.settings.retryBackoffMs),
    );
  }

  function sendTo(leaderId: number, queues: readonly PartitionQueue[]): void {
    const sent = inFlight.get(leaderId) ?? 0;
    if (sent >= settings.maxInFlightRequestsPerConnection) return; // the next answer wakes
    const connection = cluster.standingBroker(leaderId);
    if (connection === undefined) {
      connect(leaderId);
      return;
    }
    const batches: ProducerBatch[] = [];
    let bytes = requestOverheadBytes;
    let isMoreReady = false;
    for (const queue of queues) {
      const size = queue.batches[0]!.sizeBytes;
      if (batches.length > 0 && bytes + size > settings.maxRequestSize) {
        isMoreReady = true;
        continue;
      }
      bytes += size;
      const batch = accumulator.take(queue);
      delivery?.taken(batch);
      batches.push(batch);
      queue.inFlight++;
      isMoreReady ||= queue.batches.length > 0;
    }
    inFlight.set(leaderId, sent + 1);
    void send(connection, batches).finally(() => {
      inFlight.set(leaderId, inFlight.get(leaderId)! - 1);
      wake();
    });
    if (isMoreReady) wake();
  }

  function connect(leaderId: number): void {
    if (connecting.has(leaderId)) return;
    connecting.add(leaderId);
    cluster.broker(leaderId).then(
      () => {
        connecting.delete(leaderId);
        wake();
      },
      () => {
        connecting.delete(leaderId);
        refreshThenWake();
      },
    );
  }

  async function send(connection: BrokerConnection, batches: readonly ProducerBatch[]): Promise<void> {
    try {
      const request = requestOf(batches, settings, delivery?.transactionalId ?? null);
      for (const batch of batches) batch.attempts++;
      if (settings.acks === 0) {
        await connection.requests.sendUnanswered(produceRequest, connection.requests.versionFor(produceRequest), request);
        for (const batch of batches) succeed(batch, -1, -1);
      } else {
        settle(batches, await connection.call(produceRequest, produceResponse, request, settings.requestTimeoutMs));
      }
    } catch (error) {
      const failure = error instanceof KafkaError ? error : new KafkaError('UNKNOWN_SERVER_ERROR', (error as Error).message, { cause: error });
      for (const batch of batches) decide(batch, failure);
      if (isRetriable(failure.name)) refreshThenWake();
    } finally {
      for (const batch of batches) accumulator.queue(batch.topic, batch.partition).inFlight--;
    }
  }

  function settle(batches: readonly ProducerBatch[], response: ProduceResponse): void {
    const byPlace = new Map(batches.map((batch) => [`${batch.partition} ${batch.topic}`, batch]));
    let isLeaderWrong = false;
    for (const topic of response.responses) {
      for (const answer of topic.partitionResponses) {
        const place = `${answer.index} ${topic.name}`;
        const batch = byPlace.get(place);
        if (batch === undefined) continue;
        byPlace.delete(place);
        if (answer.errorCode === 0) {
          succeed(batch, answer.baseOffset, answer.logAppendTimeMs);
          continue;
        }
        const error = new KafkaError(errorByCode(answer.errorCode), answer.errorMessage ?? detailOf(errorByCode(answer.errorCode), batch));
        isLeaderWrong ||= leaderErrors.includes(error.name);
        learnLeader(topic.name, answer, response);
        decide(batch, error, answer.recordErrors);
      }
    }
    for (const batch of byPlace.values()) decide(batch, new KafkaError('UNKNOWN_SERVER_ERROR', `the answer left ${batch.topic}-${batch.partition} out`));
    if (isLeaderWrong) refreshThenWake();
  }

  function learnLeader(topic: string, answer: ProduceResponse['responses'][number]['partitionResponses'][number], response: ProduceResponse): void {
    const { leaderId, leaderEpoch } = answer.currentLeader;
    const nodes = response.nodeEndpoints.map(({ nodeId, host, port, rack }) => ({ id: nodeId, host, port, rack }));
    if (leaderId >= 0) cluster.learn({ topic, partition: answer.index, leaderId, leaderEpoch, nodes });
  }

  /** What becomes of a batch that was refused: another try, two halves, or its end. */
  function decide(batch: ProducerBatch, error: KafkaError, recordErrors: readonly { batchIndex: number; batchIndexErrorMessage: string | null }[] = []): void {
    const nowMs = clock.monotonicMs();
    if (error.name === 'MESSAGE_TOO_LARGE' && batch.recordCount > 1) {
      const parts = batch.split();
      delivery?.split(batch, parts);
      for (const part of parts) part.attempts = batch.attempts - 1; // splitting costs no retry
      accumulator.putBack(parts);
      return;
    }
    if (delivery !== undefined && error.name === 'DUPLICATE_SEQUENCE_NUMBER') {
      succeed(batch, -1, -1); // it is in the log, so far back that its offset is not known any more
      return;
    }
    const isWorthIt = isRetriable(error.name) || (delivery !== undefined && sequenceErrors.includes(error.name) && delivery.outOfOrder(batch));
    const mayRetry = isWorthIt && (delivery?.mayRetry ?? true) && batch.attempts <= settings.retries && nowMs - batch.createdMs < settings.deliveryTimeoutMs && !isStopped;
    if (!mayRetry) {
      fail(batch, error, (index) => recordError(error, index, recordErrors));
      return;
    }
    logger.debug('produce will be tried again', { topic: batch.topic, partition: batch.partition, error: error.name });
    batch.retryNotBeforeMs = nowMs + backoffMs(random, cluster.settings.retryBackoffMs, cluster.settings.retryBackoffMaxMs, batch.attempts);
    accumulator.putBack([batch]);
  }

  function failAll(error: Error): void {
    for (const queue of accumulator.activeQueues()) {
      while (queue.batches.length > 0) {
        const batch = accumulator.take(queue);
        // One that has its number may be in the log, or leaves a gap there.
        if (batch.sequence >= 0) delivery?.failed(batch, error instanceof KafkaError ? error : new KafkaError('UNKNOWN_SERVER_ERROR', error.message, { cause: error }));
        batch.fail(() => error);
      }
    }
  }

  return {
    wake,
    wakeAt,
    failAll,
    stop() {
      isStopped = true;
      timer?.cancel();
      failAll(new KafkaError('NETWORK_EXCEPTION', 'the producer was closed before the record was sent'));
    },
  };
}

function requestOf(batches: readonly ProducerBatch[], settings: ProducerSettings, transactionalId: string | null): ProduceRequestInput {
  const topics = new Map<string, { index: number; records: Buffer }[]>();
  for (const batch of batches) {
    const entry = { index: batch.partition, records: batch.bytes() };
    const entries = topics.get(batch.topic);
    if (entries === undefined) topics.set(batch.topic, [entry]);
    else entries.push(entry);
  }
  const topicData = [...topics].map(([name, partitionData]) => ({ name, partitionData }));
  return { transactionalId, acks: settings.acks, timeoutMs: settings.requestTimeoutMs, topicData };
}

/** A record refused by itself gets its own words (KIP-467); the others only went down with it. */
function recordError(error: KafkaError, index: number, recordErrors: readonly { batchIndex: number; batchIndexErrorMessage: string | null }[]): KafkaError {
  if (recordErrors.length === 0) return error;
  const own = recordErrors.find(({ batchIndex }) => batchIndex === index);
  if (own !== undefined) return new KafkaError(error.name, own.batchIndexErrorMessage ?? error.message);
  return new KafkaError(error.name, 'Failed to append record because it was part of a batch which had one more more invalid records');
}

function detailOf(name: ErrorName, batch: ProducerBatch): string {
  return `${batch.topic}-${batch.partition}: ${name}`;
}
