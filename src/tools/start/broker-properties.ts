import type { StartOptions } from './options.ts';

/** The properties of one broker of `npm start`: Kafka's defaults, but for what a small cluster on one machine needs. */
export function brokerPropertiesText(id: number, folder: string, options: StartOptions): string {
  const internalReplicas = Math.min(3, options.brokers);
  const properties: readonly (readonly [string, string | number])[] = [
    ['broker.id', id],
    ['listeners', `PLAINTEXT://${options.host}:${options.port + id - 1}`],
    ['log.dirs', `${folder}/logs`],
    ['zookeeper.connect', `${options.host}:${options.zookeeperPort}`],
    ['zookeeper.session.timeout.ms', sessionTimeoutMs],
    ['offsets.topic.replication.factor', internalReplicas],
    ['transaction.state.log.replication.factor', internalReplicas],
    ['transaction.state.log.min.isr', Math.min(2, internalReplicas)],
    ['group.initial.rebalance.delay.ms', 0],
    // All brokers stop at once here, so the one that is asked may be gone: no use in waiting long before asking again.
    ['controlled.shutdown.retry.backoff.ms', 100],
    ...options.overrides.map((override) => splitOverride(override)),
  ];
  return [
    `# Broker ${id} of \`npm start\`, written anew at each of its starts. This starts it alone:`,
    `#   bin/kafka-server-start ${folder}/server.properties`,
    ...properties.map(([name, value]) => `${name}=${value}`),
    '',
  ].join('\n');
}

/** Short, so that a killed broker's partitions have a new leader while one watches. */
export const sessionTimeoutMs = 2000;

function splitOverride(override: string): readonly [string, string] {
  const at = override.indexOf('=');
  return at < 0 ? [override, ''] : [override.slice(0, at), override.slice(at + 1)];
}
