/** String.hashCode of Java: over UTF-16 units, in 32 bits. */
export function javaHashCode(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}

/** TopicPartition.hashCode. */
export function topicPartitionHashCode(topic: string, partition: number): number {
  return (Math.imul(31, 31 + partition) + javaHashCode(topic)) | 0;
}

/**
 * The order in which a java.util.HashMap gives its keys out. Kafka's describe prints topics and configs in it, and output
 * here is to be the same to the byte.
 * @param keys in the order of their insertion, without duplicates
 * @param hashOf Java's hash of a key
 * @param expectedCount what the map was made for: its first capacity
 */
export function javaHashOrder<T>(keys: readonly T[], hashOf: (key: T) => number, expectedCount = 16): T[] {
  let capacity = 1;
  while (capacity < expectedCount) capacity *= 2;
  while (keys.length > capacity * 0.75) capacity *= 2;
  const placeOf = (key: T): number => {
    const hash = hashOf(key);
    return (hash ^ (hash >>> 16)) & (capacity - 1);
  };
  const placed = keys.map((key, index) => ({ key, index, place: placeOf(key) }));
  return placed.sort((a, b) => a.place - b.place || a.index - b.index).map(({ key }) => key);
}
