import { PlanError, PlanObject, checkVersion, parseJson } from '../json-plan.ts';
import type { TopicPartition } from '../topic-partitions.ts';
import { duplicates, partitionHashOrder, partitionKey, partitionName } from '../topic-partitions.ts';

export interface FirstKept extends TopicPartition {
  readonly offset: number;
}

/** Reads the file of --offset-json-file, in the order in which the tool prints. @throws PlanError */
export function parseOffsets(text: string): FirstKept[] {
  const plan = new PlanObject(parseJson(text, 'The input string is not a valid JSON'));
  checkVersion(plan);
  if (!plan.has('partitions')) throw new PlanError('Missing partitions field');
  const entries = plan.objects('partitions').map((object) => ({ topic: object.string('topic'), partition: object.integer('partition'), offset: object.long('offset') }));
  const twice = new Set(duplicates(entries.map(partitionKey)));
  if (twice.size > 0) {
    const names = new Set(entries.filter((entry) => twice.has(partitionKey(entry))).map(partitionName));
    throw new PlanError(`Offset json file contains duplicate topic partitions: ${[...names].join(',')}`);
  }
  return partitionHashOrder(entries);
}
