/**
 * What is seen of a broker from outside. Metrics have the names of Apache Kafka's MBeans where it has one, as an operator writes them:
 * `kafka.server:type=BrokerTopicMetrics,name=MessagesInPerSec`, with an attribute that is not `Value` behind another colon. What only
 * this broker has is in the domain `ottla`; a name without a colon is Prometheus's own.
 *
 * Nothing is computed until somebody reads: a hot path adds to a number.
 */
export interface Metrics {
  /** A counter that starts from 0. */
  counter(name: string): Counter;
  /** Values that are looked up when somebody reads, several at once where one walk finds them. A name that ends with PerSec or _total must only grow. */
  gauges(read: () => MetricValues): void;
  /** Every metric as it is now. */
  read(): MetricValues;
}

/** Only grows. */
export interface Counter {
  count: number;
}

export type MetricValues = Readonly<Record<string, number>>;

/** Each name has one source. */
export function createMetrics(): Metrics {
  const counters = new Map<string, Counter>();
  const sources: (() => MetricValues)[] = [];
  return {
    counter(name) {
      const counter = { count: 0 };
      counters.set(name, counter);
      return counter;
    },
    gauges: (read) => void sources.push(read),
    read() {
      const counted = Object.fromEntries(Array.from(counters, ([name, { count }]) => [name, count]));
      return Object.assign(counted, ...sources.map((source) => source())) as MetricValues;
    },
  };
}
