import type { BrokerConfig } from './broker-config.ts';
import { splitList, UnmetRequirement } from './definition.ts';

/**
 * `max.connections.per.ip.overrides`, by address.
 * @throws UnmetRequirement with Kafka's words
 */
export function connectionsPerIpOverrides(config: BrokerConfig): ReadonlyMap<string, number> {
  const name = 'max.connections.per.ip.overrides';
  return new Map(splitList(config[name]).map((entry) => {
    const at = entry.lastIndexOf(':');
    if (at < 0) throw new UnmetRequirement(name, `Error parsing configuration property '${name}': begin 0, end -1, length ${entry.length}`);
    const count = entry.slice(at + 1).trim();
    if (!/^[+-]?\d{1,10}$/.test(count)) throw new UnmetRequirement(name, `For input string: "${count}"`);
    return [entry.slice(0, at).trim(), Number(count)] as const;
  }));
}
