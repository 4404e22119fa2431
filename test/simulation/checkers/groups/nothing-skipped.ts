import { deliveredUpTo } from '../../workloads/groups/history.ts';
import type { GroupChecker } from './group-checker.ts';

/** What lies below a committed offset was delivered to a member before: at least once. */
export const nothingIsSkipped: GroupChecker = (history) => {
  const endOf = deliveredUpTo(history);
  return history.fetched
    .toSorted((a, b) => a.endedAt - b.endedAt)
    .flatMap(({ endedAt, partition, offset = 0 }) => {
      const end = endOf(partition, endedAt);
      return end >= offset ? [] : [`${history.groupId} has committed ${offset} for partition ${partition}, and was given what lies below ${end} only`];
    });
};
