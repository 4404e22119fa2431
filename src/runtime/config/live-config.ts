import type { BrokerConfig, BrokerConfiguration } from './broker-config.ts';
import { readBrokerConfiguration } from './broker-config.ts';
import { checkReconfiguration, layered, noLayers, throttleProperties } from './dynamic-config.ts';
import type { DynamicLayers, Properties, ThrottleName } from './dynamic-config.ts';
import { parseProperty } from './definition.ts';

/** A broker's properties as they count now. Who must see changes reads `values` at use; nobody else writes it. */
export interface LiveConfiguration {
  /** One object for the broker's whole life, changed in place. */
  readonly values: BrokerConfig;
  /** The properties file. */
  readonly statics: Properties;
  readonly layers: DynamicLayers;
  /** What all layers together give, as text; without Kafka's defaults. */
  readonly properties: Properties;
  /** Bytes per second; Infinity where none is set. */
  throttle(name: ThrottleName): number;
  /** @throws InvalidProperty when these layers could not take the place of the present ones */
  check(layers: DynamicLayers): void;
  /**
   * Takes the layers over, all or nothing.
   * @param isStart nothing runs yet, so that threads may be as many as they will
   * @returns the names of the properties whose value changed
   * @throws InvalidProperty; then nothing has changed
   */
  apply(layers: DynamicLayers, isStart?: boolean): ReadonlySet<string>;
}

export function createLiveConfiguration(configuration: BrokerConfiguration): LiveConfiguration {
  const statics = configuration.properties;
  const values: BrokerConfig = { ...configuration.values };
  let layers = noLayers;
  let properties = statics;

  /** What would be, and the names that differ. */
  function judge(next: DynamicLayers, isStart: boolean): { readonly after: BrokerConfig; readonly given: Properties; readonly changed: readonly string[] } {
    const given = layered(statics, next);
    const after = readBrokerConfiguration(given).values;
    const changed = Array.from(new Set([...Object.keys(properties), ...Object.keys(given)])).filter((name) => properties[name] !== given[name]);
    if (changed.length > 0 && !isStart) checkReconfiguration(values, after, changed);
    return { after, given, changed };
  }

  return {
    values,
    statics,
    get layers() {
      return layers;
    },
    get properties() {
      return properties;
    },
    throttle(name) {
      const text = layers.broker[name] ?? layers.clusterDefault[name];
      const rate = text === undefined ? Infinity : (parseProperty(name, throttleProperties[name], text) as number);
      return rate >= Number.MAX_SAFE_INTEGER ? Infinity : rate;
    },
    check: (next) => void judge(next, false),
    apply(next, isStart = false) {
      const { after, given, changed } = judge(next, isStart);
      layers = next;
      properties = given;
      Object.assign(values, after);
      return new Set(changed);
    },
  };
}
