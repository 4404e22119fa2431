import { KafkaError } from '../protocol/errors.ts';
import { InvalidProperty } from '../runtime/config/definition.ts';
import { checkLayer, usable } from '../runtime/config/dynamic-config.ts';
import type { DynamicLayers, Properties } from '../runtime/config/dynamic-config.ts';
import { isHonoured } from '../runtime/config/honoured.ts';
import type { LiveConfiguration } from '../runtime/config/live-config.ts';
import type { Logger } from '../runtime/logger.ts';
import { defaultEntityName } from '../zookeeper/paths.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import { changeEntityConfig, readEntityConfig } from './config-store.ts';
import type { ConfigListener } from './config-watcher.ts';

/** Which layer: this broker's own, or the default of all. */
export type LayerName = keyof DynamicLayers;

/** Brings /config/brokers/<id> and /config/brokers/<default> into the live configuration (KIP-226). */
export interface DynamicBrokerConfigs extends ConfigListener {
  /**
   * Stores a layer, when this broker can live with it.
   * @param change makes the new layer of what counts of the stored one
   * @throws KafkaError INVALID_REQUEST, INVALID_CONFIG as Apache Kafka 3.9 answers
   */
  alter(layer: LayerName, change: (before: Properties) => Properties, isValidateOnly: boolean): Promise<void>;
}

export interface DynamicBrokerConfigsOptions {
  readonly brokerId: number;
  readonly live: LiveConfiguration;
  readonly zookeeper: () => ZooKeeper;
  readonly logger: Logger;
  /** Called after a change, never for the first reading. @param before values as they were */
  readonly changed: (before: LiveConfiguration['values']) => void;
}

export function createDynamicBrokerConfigs(options: DynamicBrokerConfigsOptions): DynamicBrokerConfigs {
  const { brokerId, live, zookeeper, logger } = options;
  const entityOf = { broker: `brokers/${brokerId}`, clusterDefault: `brokers/${defaultEntityName}` } as const;
  let isRunning = false;

  const read = (layer: LayerName): Promise<Properties> => readEntityConfig(zookeeper(), entityOf[layer]);

  function take(layer: LayerName, stored: Properties): void {
    const { properties, ignored } = usable(stored, layer === 'broker');
    for (const [name, why] of ignored) logger.warn('a dynamic property is passed over', { name, layer, why });
    const before = { ...live.values };
    let names: ReadonlySet<string>;
    try {
      names = live.apply({ ...live.layers, [layer]: properties }, !isRunning);
    } catch (error) {
      if (!(error instanceof InvalidProperty)) throw error;
      logger.error('dynamic properties do not fit and are passed over', { layer, names: Object.keys(properties), reason: error.message });
      return;
    }
    if (names.size === 0) return;
    logger.info('dynamic properties changed', { layer, names: Array.from(names), withoutEffect: Array.from(names).filter((name) => !isHonoured(name)) });
    if (isRunning) options.changed(before);
  }

  return {
    type: 'brokers',
    async readAll() {
      const [clusterDefault, broker] = await Promise.all([read('clusterDefault'), read('broker')]);
      take('clusterDefault', clusterDefault);
      take('broker', broker);
      isRunning = true;
    },
    async changed(name) {
      if (name === defaultEntityName) take('clusterDefault', await read('clusterDefault'));
      else if (name === String(brokerId)) take('broker', await read('broker'));
    },
    async alter(layer, change, isValidateOnly) {
      const isPerBroker = layer === 'broker';
      const stored = await read(layer);
      const { properties, ignored } = usable(stored, isPerBroker);
      const after = change(properties);
      try {
        checkLayer(after, isPerBroker);
        live.check({ ...live.layers, [layer]: after });
      } catch (error) {
        if (error instanceof InvalidProperty) throw new KafkaError('INVALID_REQUEST', error.message, { cause: error });
        throw error;
      }
      // What other releases wrote, and this one cannot use, is theirs: it stays unless it is named.
      const kept = Object.keys(change(stored)).filter((name) => ignored.has(name));
      if (!isValidateOnly) await changeEntityConfig(zookeeper(), entityOf[layer], { ...Object.fromEntries(kept.map((name) => [name, stored[name]!])), ...after });
    },
  };
}
