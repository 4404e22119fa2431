import type { BrokerConfig, BrokerPropertyName } from './broker-config.ts';
import { connectionsPerIpOverrides } from './connections-per-ip.ts';
import { UnmetRequirement } from './definition.ts';

/** What KafkaConfig asks of properties that may also change while the broker runs. @throws UnmetRequirement with Kafka's words */
export function checkRequirements(config: BrokerConfig): void {
  checkLogTimes(config);
  checkCleanerBuffer(config);
  checkConnectionLimits(config);
}

function require(isMet: boolean, name: BrokerPropertyName, words: string): void {
  if (!isMet) throw new UnmetRequirement(name, `requirement failed: ${words}`);
}

function checkLogTimes(config: BrokerConfig): void {
  const retention = config['log.retention.ms'] ?? config['log.retention.minutes'] ?? config['log.retention.hours'];
  require((config['log.roll.ms'] ?? config['log.roll.hours']) >= 1, 'log.roll.ms', 'log.roll.ms must be greater than or equal to 1');
  require((config['log.roll.jitter.ms'] ?? config['log.roll.jitter.hours']) >= 0, 'log.roll.jitter.ms', 'log.roll.jitter.ms must be greater than or equal to 0');
  require(retention !== 0, 'log.retention.ms', 'log.retention.ms must be unlimited (-1) or, greater than or equal to 1');
}

function checkCleanerBuffer(config: BrokerConfig): void {
  const threads = config['log.cleaner.threads'];
  if (threads === 0) throw new UnmetRequirement('log.cleaner.threads', '/ by zero');
  require(Math.floor(config['log.cleaner.dedupe.buffer.size'] / threads) > 1024 * 1024, 'log.cleaner.dedupe.buffer.size', 'log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.');
}

function checkConnectionLimits(config: BrokerConfig): void {
  const overrides = connectionsPerIpOverrides(config);
  require(
    config['max.connections.per.ip'] !== 0 || overrides.size > 0,
    'max.connections.per.ip',
    'max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.',
  );
  const invalid = Array.from(overrides.keys()).filter((address) => !/^[0-9a-zA-Z\-%._:]*$/.test(address));
  if (invalid.length > 0) throw new UnmetRequirement('max.connections.per.ip.overrides', `max.connections.per.ip.overrides contains invalid addresses : ${invalid.join(',')}`);
}
