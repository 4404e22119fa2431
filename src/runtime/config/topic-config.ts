import type { BrokerConfig } from './broker-config.ts';
import { InvalidProperty, noLimit, parseProperty } from './definition.ts';
import type { ValuesOf } from './definition.ts';
import { topicProperties } from './topic-properties.ts';

/** The values of all properties of a topic, by Kafka's names. */
export type TopicConfig = ValuesOf<typeof topicProperties>;
export type TopicPropertyName = keyof TopicConfig;

/**
 * A topic's properties: its own, else what the broker's properties give, else Kafka's default. Unknown names are passed
 * over, since a newer tool may have written them into the znode; `checkTopicOverrides` refuses them where a user gives them.
 * @throws InvalidProperty
 */
export function topicConfigOf(broker: BrokerConfig, overrides: Readonly<Record<string, string>>): TopicConfig {
  const values: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(topicProperties)) {
    const text = overrides[name];
    values[name] = text === undefined ? brokerDefault(broker, name as TopicPropertyName) : parseProperty(name, definition, text);
  }
  return values as TopicConfig; // sound: the loop visits the keys of the table
}

/** @throws InvalidProperty for a name or value that Kafka refuses */
export function checkTopicOverrides(overrides: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(overrides)) {
    const definition = Object.hasOwn(topicProperties, name) ? topicProperties[name as TopicPropertyName] : undefined;
    if (definition === undefined) throw new InvalidProperty(name, text, `Unknown topic config name: ${name}`);
    parseProperty(name, definition, text);
  }
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function brokerDefault(broker: BrokerConfig, name: TopicPropertyName): unknown {
  switch (name) {
    case 'retention.ms':
      return retentionMs(broker);
    case 'segment.ms':
      return broker['log.roll.ms'] ?? broker['log.roll.hours'] * hourMs;
    case 'segment.jitter.ms':
      return broker['log.roll.jitter.ms'] ?? broker['log.roll.jitter.hours'] * hourMs;
    case 'flush.ms':
      return broker['log.flush.interval.ms'] ?? broker['log.flush.scheduler.interval.ms'];
    case 'message.timestamp.before.max.ms':
      return timestampLimitMs(broker['log.message.timestamp.before.max.ms'], broker);
    case 'message.timestamp.after.max.ms':
      return timestampLimitMs(broker['log.message.timestamp.after.max.ms'], broker);
    default: {
      const definition = topicProperties[name];
      const { synonym } = definition.options;
      const value = synonym === undefined ? undefined : broker[synonym as keyof BrokerConfig];
      return value ?? definition.defaultValue;
    }
  }
}

/** The older log.message.timestamp.difference.max.ms counts where the newer property has its default. */
function timestampLimitMs(limitMs: number, broker: BrokerConfig): number {
  return limitMs === noLimit.default ? broker['log.message.timestamp.difference.max.ms'] : limitMs;
}

/** log.retention.ms, else .minutes, else .hours; a negative one means for ever (-1). */
function retentionMs(broker: BrokerConfig): number {
  const ms = broker['log.retention.ms'] ?? minutesMs(broker['log.retention.minutes']) ?? broker['log.retention.hours'] * hourMs;
  return ms < 0 ? -1 : ms;
}

function minutesMs(minutes: number | undefined): number | undefined {
  return minutes === undefined ? undefined : minutes * minuteMs;
}
