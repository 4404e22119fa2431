import { KafkaError, errorByCode } from '../../protocol/errors.ts';
import { heartbeatRequest, heartbeatResponse } from '../../protocol/messages/heartbeat.ts';
import type { Timer } from '../../runtime/clock.ts';
import type { Cluster } from '../cluster.ts';
import type { Coordinator } from './coordinator.ts';
import type { GroupSettings } from './group-options.ts';
import type { HeartbeatTimes } from './heartbeat.ts';
import { decideHeartbeat } from './heartbeat.ts';
import type { MembershipView } from './group-offsets.ts';

/** Keeps the member alive to its coordinator by itself, whatever poll is doing. */
export interface Heartbeats {
  /** From the answer to JoinGroup on, for as long as there is a generation. */
  start(): void;
  stop(): void;
  pollStarted(): void;
  pollEnded(): void;
  /** The coordinator gave a sign: its session begins anew. */
  confirmed(): void;
}

/** @param pollExpired the application has not polled for max.poll.interval.ms */
export function createHeartbeats(cluster: Cluster, coordinator: Coordinator, settings: GroupSettings, view: MembershipView, pollExpired: () => void): Heartbeats {
  const { clock, logger } = cluster.runtime;
  const limits = { ...settings, retryBackoffMs: cluster.settings.retryBackoffMs };
  const { groupId, groupInstanceId } = settings;
  let timer: Timer | undefined;
  let times: HeartbeatTimes = { sentMs: 0, confirmedMs: 0, isAwaited: false, hasFailed: false, polledMs: clock.monotonicMs() };

  function later(delayMs: number): void {
    timer?.cancel();
    timer = clock.setTimer(Math.min(delayMs, 0x7fffffff), beat);
  }

  function confirmed(): void {
    times = { ...times, confirmedMs: clock.monotonicMs() };
  }

  function beat(): void {
    timer?.cancel(); // poll's end may have called it before its time
    timer = undefined;
    const { phase } = view.membership;
    if (cluster.signal.aborted || phase === 'unjoined' || phase === 'preparing') return;
    if (coordinator.node === undefined) {
      coordinator.find(cluster.settings.requestTimeoutMs).then(confirmed, (error: unknown) => logger.debug('group coordinator not found', { groupId, error }));
      later(limits.retryBackoffMs);
      return;
    }
    const decision = decideHeartbeat(times, limits, clock.monotonicMs());
    switch (decision.kind) {
      case 'wait':
        later(decision.delayMs);
        return;
      case 'session-expired':
        logger.info('session timed out without a heartbeat response', { groupId });
        coordinator.forget();
        confirmed();
        later(limits.retryBackoffMs);
        return;
      case 'poll-expired':
        pollExpired();
        return;
      case 'send':
        void send();
        later(limits.retryBackoffMs);
        return;
    }
  }

  async function send(): Promise<void> {
    const sent = view.membership.generation;
    times = { ...times, sentMs: clock.monotonicMs(), isAwaited: true };
    let hasFailed = true;
    try {
      const body = { groupId, generationId: sent.generationId, memberId: sent.memberId, ...(groupInstanceId === undefined ? {} : { groupInstanceId }) };
      const { errorCode } = await coordinator.call(heartbeatRequest, heartbeatResponse, body, cluster.settings.requestTimeoutMs);
      const error = errorByCode(errorCode);
      hasFailed = error !== 'NONE' && error !== 'REBALANCE_IN_PROGRESS';
      if (!hasFailed) confirmed();
      view.feed({ kind: 'heartbeat-answered', sent, error });
    } catch (error) {
      if (!cluster.signal.aborted) logger.debug('heartbeat failed', { groupId, error: error instanceof KafkaError ? error : new Error(String(error)) });
    } finally {
      times = { ...times, isAwaited: false, hasFailed };
    }
  }

  return {
    start() {
      times = { ...times, sentMs: clock.monotonicMs(), hasFailed: false };
      confirmed();
      if (timer === undefined) later(limits.heartbeatIntervalMs);
    },
    stop() {
      timer?.cancel();
      timer = undefined;
    },
    pollStarted() {
      times = { ...times, polledMs: Infinity };
    },
    pollEnded() {
      times = { ...times, polledMs: clock.monotonicMs() };
      // The timer may stand for far later than max.poll.interval.ms from now.
      if (timer !== undefined) beat();
    },
    confirmed,
  };
}
