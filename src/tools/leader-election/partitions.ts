import type { PartitionOutcome } from '../../client/admin-partition-types.ts';
import { javaException } from '../java-exceptions.ts';
import { PlanError, PlanObject, parseJson } from '../json-plan.ts';
import type { TopicPartition } from '../topic-partitions.ts';
import { duplicates, partitionHashOrder, partitionKey, partitionName } from '../topic-partitions.ts';

/** Reads the file of --path-to-json-file. @throws PlanError */
export function parsePartitions(text: string): TopicPartition[] {
  const plan = new PlanObject(parseJson(text, 'Replica election data is empty'));
  if (!plan.has('partitions')) throw new PlanError('Replica election data is missing "partitions" field');
  const entries = plan.objects('partitions').map((object) => ({ topic: object.string('topic'), partition: object.integer('partition') }));
  const twice = new Set(duplicates(entries.map(partitionKey)));
  if (twice.size > 0) {
    const names = new Set(entries.filter((entry) => twice.has(partitionKey(entry))).map(partitionName));
    throw new PlanError(`Replica election data contains duplicate partitions: [${[...names].join(', ')}]`);
  }
  return entries;
}

/** What is printed of an election, and how many partitions it failed for. */
export function electionReport(type: string, outcomes: readonly PartitionOutcome[]): { readonly lines: readonly string[]; readonly failures: number } {
  const ordered = partitionHashOrder(outcomes);
  const namesOf = (its: readonly PartitionOutcome[]): string => its.map(partitionName).join(', ');
  const elected = ordered.filter(({ error }) => error === undefined);
  const needless = ordered.filter(({ error }) => error?.name === 'ELECTION_NOT_NEEDED');
  const failed = ordered.flatMap((outcome) => (outcome.error === undefined || outcome.error.name === 'ELECTION_NOT_NEEDED' ? [] : [{ name: partitionName(outcome), error: outcome.error }]));
  const lines = [
    ...(elected.length === 0 ? [] : [`Successfully completed leader election (${type}) for partitions ${namesOf(elected)}`]),
    ...(needless.length === 0 ? [] : [`Valid replica already elected for partitions ${namesOf(needless)}`]),
    ...failed.map(({ name, error }) => `Error completing leader election (${type}) for partition: ${name}: ${javaException(error)}`),
  ];
  return { lines, failures: failed.length };
}
