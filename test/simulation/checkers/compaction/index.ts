import type { CompactionChecker } from './compaction-checker.ts';
import { latestIsKept } from './latest-is-kept.ts';
import { placesStay } from './places-stay.ts';
import { readersMissNothing } from './readers-miss-nothing.ts';

/** What a compacted topic is judged by, at the end. */
export const compactionCheckers: readonly CompactionChecker[] = [latestIsKept, placesStay, readersMissNothing];
