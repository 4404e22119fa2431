import type { Clock } from '../runtime/clock.ts';
import type { Disk } from '../runtime/disk.ts';

export interface MetaProperties {
  readonly brokerId: number | undefined;
  readonly clusterId: string | undefined;
}

export interface MetaPropertiesEnsemble {
  /** What all directories agree on; a value is undefined when none has it. */
  readonly common: MetaProperties;
  /** Directories whose file is missing or holds less than the common values. */
  readonly incomplete: readonly string[];
  /** Directories that cannot be read, with the cause. */
  readonly failed: ReadonlyMap<string, Error>;
}
export declare function readMetaProperties(disk: Disk, directories: readonly string[]): MetaPropertiesEnsemble;
export declare function writeMetaProperties(disk: Disk, clock: Clock, directories: readonly string[], brokerId: number, clusterId: string): void;
