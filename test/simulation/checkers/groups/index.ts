import { committedOffsetsStay } from './committed-offsets.ts';
import type { GroupChecker } from './group-checker.ts';
import { nothingIsSkipped } from './nothing-skipped.ts';
import { onePartitionOneOwner } from './one-owner.ts';

/** What the history of a group is judged by, at the end. */
export const groupCheckers: readonly GroupChecker[] = [onePartitionOneOwner, committedOffsetsStay, nothingIsSkipped];
