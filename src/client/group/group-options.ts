import { KafkaError } from '../../protocol/errors.ts';
import type { Assignor } from './assignor.ts';
import { assignors } from './assignors.ts';
import type { AssignorName } from './assignors.ts';

/** Properties of a member of a group in camel case; defaults are those of 3.9. */
export interface GroupOptions {
  /** group.id: needed to subscribe and to commit. */
  readonly groupId?: string;
  /** group.instance.id: a static member, which a restart does not cost a rebalance (KIP-345). */
  readonly groupInstanceId?: string;
  /** session.timeout.ms: without a heartbeat for so long the member counts as gone. */
  readonly sessionTimeoutMs?: number;
  readonly heartbeatIntervalMs?: number;
  /** max.poll.interval.ms: without a poll for so long the member leaves. */
  readonly maxPollIntervalMs?: number;
  /** partition.assignment.strategy: names, or assignors of your own. */
  readonly partitionAssignmentStrategy?: readonly (AssignorName | Assignor)[];
  /** enable.auto.commit; true where there is a group id. */
  readonly enableAutoCommit?: boolean;
  readonly autoCommitIntervalMs?: number;
}

export interface GroupSettings {
  readonly groupId: string;
  readonly groupInstanceId: string | undefined;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly maxPollIntervalMs: number;
  readonly assignors: readonly Assignor[];
  readonly enableAutoCommit: boolean;
  readonly autoCommitIntervalMs: number;
}

/** @returns undefined without a group id @throws KafkaError INVALID_CONFIG */
export function groupSettings(options: GroupOptions): GroupSettings | undefined {
  const { groupId } = options;
  if (groupId === undefined) {
    if (options.enableAutoCommit === true) throw new KafkaError('INVALID_CONFIG', 'enable.auto.commit cannot be set to true when default group id (null) is used.');
    return undefined;
  }
  const settings: GroupSettings = {
    groupId,
    groupInstanceId: options.groupInstanceId,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 45_000,
    heartbeatIntervalMs: options.heartbeatIntervalMs ?? 3000,
    maxPollIntervalMs: options.maxPollIntervalMs ?? 300_000,
    assignors: (options.partitionAssignmentStrategy ?? ['range', 'cooperative-sticky']).map((chosen) => (typeof chosen === 'string' ? assignors[chosen] : chosen)),
    enableAutoCommit: options.enableAutoCommit ?? true,
    autoCommitIntervalMs: options.autoCommitIntervalMs ?? 5000,
  };
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value === 'number' && !(value >= 0)) throw new KafkaError('INVALID_CONFIG', `${name} must be at least 0, not ${value}`);
  }
  if (settings.heartbeatIntervalMs >= settings.sessionTimeoutMs) throw new KafkaError('INVALID_CONFIG', 'Heartbeat must be set lower than the session timeout');
  return settings;
}
