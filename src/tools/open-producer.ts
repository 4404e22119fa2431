import type { Producer } from '../client/producer.ts';
import type { ClientProperties } from './client-properties.ts';
import { ConfigException } from './client-properties.ts';
import { isKafkaError } from './kafka-errors.ts';
import { producerOptions } from './producer-properties.ts';
import type { Terminal } from './terminal.ts';
import { ToolExit, terminalLogger } from './terminal.ts';

/** @throws ToolExit in Java's words for an exception in main, where the properties do not go together */
export async function openProducer(properties: ClientProperties, terminal: Terminal): Promise<Producer> {
  const { createProducer } = await import('../client/index.ts');
  try {
    return createProducer(producerOptions(properties), { logger: terminalLogger(terminal) });
  } catch (error) {
    const isRefused = error instanceof ConfigException || (isKafkaError(error) && error.name === 'INVALID_CONFIG');
    throw isRefused ? new ToolExit(1, `Exception in thread "main" org.apache.kafka.common.config.ConfigException: ${error.message}\n`) : error;
  }
}
