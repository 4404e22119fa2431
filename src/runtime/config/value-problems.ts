/** What Kafka's own validators say of values that type and range let through; undefined where they say nothing. */

/** GzipCompression.LevelValidator: 0 would store without compressing. */
export function gzipLevelProblem(value: unknown): string | undefined {
  const level = value as number;
  return level === -1 || (level >= 1 && level <= 9) ? undefined : 'Value must be between 1 and 9 or equal to -1';
}

const replicasPattern = /^\d+:\d+$/;

/** ThrottledReplicaListValidator. */
export function throttledReplicasProblem(name: string): (value: unknown) => string | undefined {
  return (value) => {
    const items = value as readonly string[];
    const isValid = items.every((item) => replicasPattern.test(item)) || (items.length === 1 && items[0] === '*');
    return isValid
      ? undefined
      : `${name} must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...`;
  };
}
