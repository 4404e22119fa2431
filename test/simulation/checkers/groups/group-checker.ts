import type { GroupHistory } from '../../workloads/groups/history.ts';

/** Says what is wrong with what a group did; nothing when it is as it must be. */
export type GroupChecker = (history: GroupHistory) => string[];
