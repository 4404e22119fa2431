import type { Cluster } from '../cluster.ts';
import { javaHashCode, javaHashOrder } from '../java-hash-order.ts';
import type { ClusterMetadata } from '../metadata.ts';
import type { TopicLayouts } from './assignor.ts';

/** What a consumer wants to read: topics by name, or all that match a pattern, internal ones left out. */
export interface Subscription {
  /** Names; those that match now where it is a pattern. */
  readonly topics: ReadonlySet<string>;
  readonly pattern: RegExp | undefined;
  /** Whether it would want the topic. */
  wants(topic: string): boolean;
  /** Looks at newer metadata; takes topics in, and out, that match a pattern. */
  refresh(metadata: ClusterMetadata): void;
  end(): void;
}

/** @param isInternalExcluded exclude.internal.topics, which is about patterns alone */
export function subscribeTo(cluster: Cluster, wanted: readonly string[] | RegExp, isInternalExcluded: boolean): Subscription {
  const pattern = wanted instanceof RegExp ? wholeMatch(wanted) : undefined;
  let topics: ReadonlySet<string> = wanted instanceof RegExp ? new Set() : new Set(wanted);
  if (pattern !== undefined) cluster.trackAll(true);
  else for (const topic of topics) cluster.track(topic);
  return {
    get topics() {
      return topics;
    },
    pattern,
    wants: (topic) => (pattern === undefined ? topics.has(topic) : pattern.test(topic)),
    refresh(metadata) {
      if (pattern === undefined) return;
      const matching = [...metadata.topics.values()].filter(({ name, isInternal }) => pattern.test(name) && !(isInternal && isInternalExcluded));
      topics = new Set(matching.map(({ name }) => name));
    },
    end() {
      if (pattern !== undefined) cluster.trackAll(false);
      else for (const topic of topics) cluster.untrack(topic);
    },
  };
}

/** As Java's Matcher.matches: the whole name, and without a memory between calls. */
function wholeMatch(pattern: RegExp): RegExp {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags.replaceAll(/[gy]/g, ''));
}

export const isSameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => a.size === b.size && [...a].every((value) => b.has(value));

/** The topics that exist, with the racks of their replicas, in the order of Java's HashMap. */
export function layoutsOf(metadata: ClusterMetadata, topics: Iterable<string>): TopicLayouts {
  const known = [...topics].filter((topic) => (metadata.topics.get(topic)?.partitions.length ?? 0) > 0);
  return new Map(
    javaHashOrder(known, javaHashCode).map((topic) => [
      topic,
      metadata.topics.get(topic)!.partitions.map(({ replicas }) => [...new Set(replicas.flatMap((id) => metadata.nodes.get(id)?.rack ?? []))]),
    ]),
  );
}

/** What of the metadata decides an assignment: another text, another assignment. Racks count where this member has one. */
export function fingerprint(layouts: TopicLayouts, isByRack: boolean): string {
  return JSON.stringify([...layouts].map(([topic, partitions]) => [topic, isByRack ? partitions.map((racks) => racks.toSorted()) : partitions.length]).toSorted());
}
