import type { Effects } from './effects.ts';
import type { Group, Now } from './group.ts';
import { failedJoin, failedSync } from './member.ts';
import { answerJoin, answerSync, prepareRebalance } from './rebalance.ts';
import type { GroupLimits } from './rebalance.ts';

/** The group was read from the log: all its members get one session's time to be heard of. */
export function loaded(group: Group, limits: GroupLimits, now: Now): Effects {
  const effects: Effects = [];
  for (const member of group.members.values()) group.touch(member, now.monotonicMs);
  if (group.members.size > limits.sizeMax) {
    prepareRebalance(group, limits, `Freshly-loaded group is over capacity (${limits.sizeMax}). Rebalancing in order to give a chance for consumers to commit offsets`, now, effects);
  }
  return effects;
}

/** Another broker is the coordinator from now on: whoever waits is told to look for it. */
export function unloaded(group: Group, now: Now): Effects {
  const effects: Effects = [];
  group.moveTo('Dead', now);
  group.joinWait = undefined;
  group.syncDeadlineMs = Infinity;
  group.wakeAtMs = Infinity;
  for (const member of group.members.values()) {
    answerJoin(group, member, failedJoin(member.id, 'NOT_COORDINATOR'), effects);
    answerSync(member, failedSync('NOT_COORDINATOR'), effects);
  }
  return effects;
}
