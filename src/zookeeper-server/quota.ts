import { reservedPaths } from './paths.ts';

/**
 * Quotas: `/zookeeper/quota/<path>/zookeeper_limits` says what a subtree may hold, `…/zookeeper_stats` beside it what it
 * holds. The statistics are kept up to date by each server itself, without a transaction, and counted anew at a load.
 */
export const limitsName = 'zookeeper_limits';
export const statsName = 'zookeeper_stats';

export function limitsPath(path: string): string {
  return `${reservedPaths.quota}${path}/${limitsName}`;
}

export function statsPath(path: string): string {
  return `${reservedPaths.quota}${path}/${statsName}`;
}

/** Values by name; -1 stands for an absent one. Names seen: count, bytes, countHardLimit, byteHardLimit. */
export type QuotaValues = ReadonlyMap<string, number>;

/** Undefined when the text is none that ZooKeeper would read. */
export function parseQuota(data: Uint8Array | null): QuotaValues | undefined {
  const values = new Map<string, number>();
  for (const pair of Buffer.from(data ?? []).toString('utf8').split(/[,;]+/)) {
    if (pair === '') continue;
    const [name, value] = pair.split('=');
    if (value === undefined || !/^[+-]?\d*$/.test(value)) return undefined;
    values.set(name!, value === '' ? -1 : Number(value));
  }
  return values;
}

/** `count=4,bytes=5`, and `=;name=value…` for further ones, as readers of ZooKeeper 3.4 still take it. */
export function formatQuota(values: QuotaValues): Buffer {
  const others = [...values.keys()].filter((name) => name !== 'count' && name !== 'bytes').sort();
  const first = `count=${values.get('count') ?? -1},bytes=${values.get('bytes') ?? -1}`;
  return Buffer.from(others.length === 0 ? first : `${first}=${others.map((name) => `;${name}=${values.get(name)}`).join('')}`);
}

/** The longest path with limits that is `path` or above it; undefined when there is none. */
export function quotaOwner(owners: ReadonlySet<string>, path: string): string | undefined {
  if (owners.size === 0) return undefined;
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const candidate = path.slice(0, end);
    if (owners.has(candidate)) return candidate;
  }
  return undefined;
}

/** Whether adding so much would pass a hard limit. Soft limits only warn. */
export function exceedsHardLimit(limits: QuotaValues, stats: QuotaValues, added: { readonly count: number; readonly bytes: number }): boolean {
  const countLimit = limits.get('countHardLimit') ?? -1;
  const byteLimit = limits.get('byteHardLimit') ?? -1;
  if (added.count !== 0 && countLimit > -1 && (stats.get('count') ?? -1) + added.count > countLimit) return true;
  return added.bytes !== 0 && byteLimit > -1 && (stats.get('bytes') ?? -1) + added.bytes > byteLimit;
}
