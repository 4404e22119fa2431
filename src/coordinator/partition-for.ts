/**
 * The partition of an internal topic that belongs to a group or transactional id: the absolute value of Java's
 * String.hashCode, 0 for the one that has none, modulo the partitions (GroupMetadataManager.partitionFor).
 */
export function partitionFor(key: string, partitions: number): number {
  let hash = 0;
  for (let index = 0; index < key.length; index++) hash = (Math.imul(31, hash) + key.charCodeAt(index)) | 0;
  return hash === -0x80000000 ? 0 : Math.abs(hash) % partitions;
}

/**
 * How many partitions an internal topic has, as it was when first seen: growing the topic would move keys to partitions
 * that do not hold them, so a running broker stays with what it knows, as Apache Kafka does.
 * @param known how many the cluster's metadata tells; undefined while the topic does not exist
 */
export function latchedPartitionCount(known: () => number | undefined): () => number | undefined {
  let latched: number | undefined;
  return () => {
    const now = known();
    latched = now === undefined ? undefined : (latched ?? now);
    return latched;
  };
}
