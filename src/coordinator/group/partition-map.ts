/** Values by topic and partition. */
export class PartitionMap<T> {
  readonly #topics = new Map<string, Map<number, T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(topic: string, partition: number): T | undefined {
    return this.#topics.get(topic)?.get(partition);
  }

  set(topic: string, partition: number, value: T): void {
    const partitions = this.#topics.get(topic);
    if (partitions === undefined) {
      this.#topics.set(topic, new Map([[partition, value]]));
      this.#size++;
      return;
    }
    if (!partitions.has(partition)) this.#size++;
    partitions.set(partition, value);
  }

  delete(topic: string, partition: number): T | undefined {
    const partitions = this.#topics.get(topic);
    const value = partitions?.get(partition);
    if (partitions === undefined || !partitions.delete(partition)) return undefined;
    this.#size--;
    if (partitions.size === 0) this.#topics.delete(topic);
    return value;
  }

  *[Symbol.iterator](): Generator<readonly [topic: string, partition: number, value: T]> {
    for (const [topic, partitions] of this.#topics) for (const [partition, value] of partitions) yield [topic, partition, value];
  }
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}
