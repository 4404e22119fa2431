import path from 'node:path';
import type { SegmentList } from './segment-list.ts';
import type { SegmentSupport } from './segment.ts';

/** Brings a log's segments to the disk itself, and knows up to where that was done. */
export class Durability {
  readonly #support: SegmentSupport;
  readonly #segments: SegmentList;
  #directory: string;
  /** What is below is fsynced in the log files. */
  #flushedTo: number;
  /** What is below is fsynced in the indexes. */
  #indexedTo: number;
  #flushedMs: number;
  #truncations = 0;
  /** Those under way: a roll meanwhile writes to an index that may have been fsynced before. */
  readonly #flushes = new Set<{ indexedMax: number }>();
  /** Counts how often files were made, renamed or removed; nobody knows what was before this log was opened. */
  #names = 1;
  #syncedNames = 0;
  /** The same of the folder's own name, in the log directory. */
  #folderNames = 1;
  #syncedFolderNames = 0;

  constructor(support: SegmentSupport, segments: SegmentList, directory: string, recoveryPoint: number) {
    this.#support = support;
    this.#segments = segments;
    this.#directory = directory;
    this.#flushedTo = recoveryPoint;
    this.#indexedTo = recoveryPoint;
    this.#flushedMs = support.clock.monotonicMs();
  }

  /** What is below survives a power cut. */
  get flushedTo(): number {
    return this.#flushedTo;
  }

  /** What is below need not be read again after a power cut: neither records nor indexes are lost. */
  get recoveryPoint(): number {
    return Math.min(this.#flushedTo, this.#indexedTo);
  }

  get sinceFlushMs(): number {
    return this.#support.clock.monotonicMs() - this.#flushedMs;
  }

  /** fsync, in other threads, of all segments that hold offsets below `offset`. */
  async flushTo(offset: number, withActive: boolean): Promise<void> {
    this.#flushedMs = this.#support.clock.monotonicMs();
    if (offset <= this.recoveryPoint) return;
    const truncations = this.#truncations;
    const flush = { indexedMax: offset };
    this.#flushes.add(flush);
    try {
      await this.#flushFiles(offset, withActive, truncations);
    } finally {
      this.#flushes.delete(flush);
    }
    if (truncations !== this.#truncations) return;
    this.#flushedTo = Math.max(this.#flushedTo, offset);
    this.#indexedTo = Math.max(this.#indexedTo, flush.indexedMax);
  }

  async #flushFiles(offset: number, withActive: boolean, truncations: number): Promise<void> {
    const { active } = this.#segments;
    for (const segment of this.#segments.between(this.recoveryPoint, offset)) {
      if (segment.isDeleted || (segment === active && !withActive)) continue;
      await segment.flush();
    }
    if (truncations !== this.#truncations) return;
    await this.#syncNames();
  }

  /** flush.messages asks for it: an append is answered when the disk has it. */
  flushNow(offset: number): void {
    for (const segment of this.#segments.between(this.recoveryPoint, offset)) segment.flushNow();
    this.#syncNamesNow();
    this.#flushedTo = offset;
    this.#indexedTo = offset;
    this.#flushedMs = this.#support.clock.monotonicMs();
  }

  /** A segment was made. */
  added(): void {
    this.#names++;
  }

  /** A segment got the last entries of its indexes, which a flush has to bring to the disk. */
  rolled(baseOffset: number): void {
    for (const flush of this.#flushes) flush.indexedMax = Math.min(flush.indexedMax, baseOffset);
    this.#indexedTo = Math.min(this.#indexedTo, baseOffset);
  }

  /** The log was cut, or its segments went: a flush under way proves nothing any more. */
  cutAt(offset: number): void {
    this.#truncations++;
    // Else the segments that went may be back after a power cut, behind what was written since.
    this.#names++;
    this.#flushedTo = Math.min(this.#flushedTo, offset);
    this.#indexedTo = Math.min(this.#indexedTo, offset);
  }

  movedTo(directory: string): void {
    this.#directory = directory;
    this.#truncations++;
    this.#folderNames++;
  }

  /** A file whose name is lost is lost, fsynced or not. Names that come while these are fsynced are for the next time. */
  async #syncNames(): Promise<void> {
    const { disk } = this.#support;
    const [names, folderNames] = [this.#names, this.#folderNames];
    if (names > this.#syncedNames) await disk.syncDirectory(this.#directory);
    this.#syncedNames = Math.max(this.#syncedNames, names);
    if (folderNames > this.#syncedFolderNames) await disk.syncDirectory(path.dirname(this.#directory));
    this.#syncedFolderNames = Math.max(this.#syncedFolderNames, folderNames);
  }

  #syncNamesNow(): void {
    const { disk } = this.#support;
    if (this.#names > this.#syncedNames) disk.syncDirectorySync(this.#directory);
    this.#syncedNames = this.#names;
    if (this.#folderNames > this.#syncedFolderNames) disk.syncDirectorySync(path.dirname(this.#directory));
    this.#syncedFolderNames = this.#folderNames;
  }
}
