import { KafkaError } from '../../protocol/errors.ts';
import type { Assignor, RebalanceProtocol } from './assignor.ts';
import { rangeAssignor } from './range-assignor.ts';
import { roundRobinAssignor } from './round-robin-assignor.ts';
import { cooperativeStickyAssignor, stickyAssignor } from './sticky-assignor.ts';

/** Kafka's assignors by the names that they have in JoinGroup. */
export const assignors = {
  range: rangeAssignor,
  roundrobin: roundRobinAssignor,
  sticky: stickyAssignor,
  'cooperative-sticky': cooperativeStickyAssignor,
} as const satisfies Readonly<Record<string, Assignor>>;

export type AssignorName = keyof typeof assignors;

/**
 * The protocol that a member with these assignors follows: the most advanced that all of them know.
 * @throws KafkaError INVALID_CONFIG when there is none
 */
export function rebalanceProtocol(chosen: readonly Assignor[]): RebalanceProtocol {
  const common = (['cooperative', 'eager'] as const).find((protocol) => chosen.every(({ protocols }) => protocols.includes(protocol)));
  if (chosen.length === 0 || common === undefined) {
    throw new KafkaError('INVALID_CONFIG', `Specified assignors [${chosen.map(({ name }) => name).join(', ')}] do not have commonly supported rebalance protocol`);
  }
  return common;
}
