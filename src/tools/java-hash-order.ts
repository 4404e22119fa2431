/** String.hashCode of Java: over UTF-16 units, in 32 bits. */
export function javaHashCode(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}

/**
 * The order in which a java.util.HashMap gives its keys out. Kafka's describe prints topics in it, and output here is
 * to be the same to the byte.
 * @param names in the order of their insertion, without duplicates
 * @param hashOf hash of a key; that of its text by default
 */
export function javaHashOrder<T>(names: readonly T[], hashOf: (name: T) => number): T[] {
  let capacity = 16;
  while (names.length > capacity * 0.75) capacity *= 2;
  const bucket = (name: T): number => {
    const hash = hashOf(name);
    return (hash ^ (hash >>> 16)) & (capacity - 1);
  };
  return names.map((name, index) => ({ name, index, place: bucket(name) })).sort((a, b) => a.place - b.place || a.index - b.index).map(({ name }) => name);
}
