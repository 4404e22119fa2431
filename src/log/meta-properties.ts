import path from 'node:path';
import type { Clock } from '../runtime/clock.ts';
import { parseProperties } from '../runtime/config/properties-file.ts';
import type { Disk } from '../runtime/disk.ts';

export const metaPropertiesFileName = 'meta.properties';

export interface MetaProperties {
  readonly brokerId: number | undefined;
  readonly clusterId: string | undefined;
}

export interface MetaPropertiesEnsemble {
  /** What the directories agree on; a value is undefined where none has it. */
  readonly common: MetaProperties;
  /** Directories that have no such file yet. */
  readonly missing: readonly string[];
  /** Directories that could not be read, with the cause. */
  readonly failed: ReadonlyMap<string, Error>;
}

/** Directories that belong to different brokers or clusters, or a file that is not a meta.properties of version 0. */
export class InconsistentBrokerMetadata extends Error {
  override readonly name = 'InconsistentBrokerMetadata';
}

/**
 * Reads `meta.properties` of all directories: which broker of which cluster they belong to. Callers compare with
 * ZooKeeper (/cluster/id) and broker.id before they open the logs.
 * @throws InconsistentBrokerMetadata
 * @see BrokerMetadataCheckpoint in Apache Kafka
 */
export function readMetaProperties(disk: Disk, directories: readonly string[]): MetaPropertiesEnsemble {
  const found = new Map<string, MetaProperties>();
  const missing: string[] = [];
  const failed = new Map<string, Error>();
  for (const directory of directories) {
    const file = path.join(directory, metaPropertiesFileName);
    try {
      if (disk.existsSync(file)) found.set(directory, parseMetaProperties(file, disk.readFileSync(file).toString('latin1')));
      else missing.push(directory);
    } catch (error) {
      if (error instanceof InconsistentBrokerMetadata) throw error;
      failed.set(directory, error as Error);
    }
  }
  const common = {
    brokerId: onlyValue('broker.id', found, ({ brokerId }) => brokerId),
    clusterId: onlyValue('cluster.id', found, ({ clusterId }) => clusterId),
  };
  return { common, missing, failed };
}

/** Writes the file where it says something else or is missing; durable when this returns. */
export function writeMetaProperties(disk: Disk, clock: Clock, directories: readonly string[], brokerId: number, clusterId: string): void {
  for (const directory of directories) {
    disk.makeDirectorySync(directory);
    const file = path.join(directory, metaPropertiesFileName);
    if (disk.existsSync(file)) {
      const present = parseMetaProperties(file, disk.readFileSync(file).toString('latin1'));
      if (present.brokerId === brokerId && present.clusterId === clusterId) continue;
    }
    disk.replaceFileSync(file, `#\n#${javaDate(clock.nowMs())}\nbroker.id=${brokerId}\nversion=0\ncluster.id=${clusterId}\n`);
  }
}

function parseMetaProperties(file: string, text: string): MetaProperties {
  const properties = parseProperties(text);
  const { version, 'broker.id': brokerId, 'cluster.id': clusterId } = properties;
  if (version !== undefined && version !== '0') throw new InconsistentBrokerMetadata(`${file} has version ${version}: it was written for KRaft or by a later broker`);
  if (brokerId !== undefined && !/^\d+$/.test(brokerId)) throw new InconsistentBrokerMetadata(`${file} has the broker.id "${brokerId}"`);
  return { brokerId: brokerId === undefined ? undefined : Number(brokerId), clusterId };
}

function onlyValue<T>(name: string, found: ReadonlyMap<string, MetaProperties>, valueOf: (properties: MetaProperties) => T | undefined): T | undefined {
  let first: { readonly directory: string; readonly value: T } | undefined;
  for (const [directory, properties] of found) {
    const value = valueOf(properties);
    if (value === undefined) continue;
    first ??= { directory, value };
    if (value !== first.value) {
      throw new InconsistentBrokerMetadata(
        `${directory} belongs to ${name} ${String(value)}, but ${first.directory} to ${String(first.value)}: check log.dirs, or remove ${metaPropertiesFileName} of the wrong one`,
      );
    }
  }
  return first?.value;
}

/** `Sat Nov 21 02:56:03 UTC 2026`, as java.util.Date prints it. */
function javaDate(timeMs: number): string {
  const [weekday, day, month, year, time] = new Date(timeMs).toUTCString().replace(',', '').split(' ') as [string, string, string, string, string];
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}
