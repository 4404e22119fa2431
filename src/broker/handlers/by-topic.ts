/** What is told of one partition. */
export interface OfPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Puts results under their topics, in the order in which the topics first come. */
export function byTopic<R extends OfPartition, P>(results: readonly R[], tell: (result: R) => P): { readonly name: string; readonly partitions: P[] }[] {
  const topics = new Map<string, P[]>();
  for (const result of results) {
    const partitions = topics.get(result.topic);
    if (partitions === undefined) topics.set(result.topic, [tell(result)]);
    else partitions.push(tell(result));
  }
  return Array.from(topics, ([name, partitions]) => ({ name, partitions }));
}
