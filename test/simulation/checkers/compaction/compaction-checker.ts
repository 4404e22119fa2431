import type { CompactionHistory } from '../../workloads/compaction/history.ts';

/** Says what is wrong with a compacted topic; nothing when it is as it must be. */
export type CompactionChecker = (history: CompactionHistory) => string[];
