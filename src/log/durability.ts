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
  /** Files were made, renamed or removed since the folder was fsynced; nobody knows what was before this log was opened. */
  #hasNewNames = true;
  /** So is the folder's own name, in the log directory. */
  #isFolderNew = true;

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
    const { active } = this.#segments;
    for (const segment of this.#segments.between(this.recoveryPoint, offset)) {
      if (segment.isDeleted || (segment === active && !withActive)) continue;
      await segment.flush();
    }
    if (truncations !== this.#truncations) return;
    await this.#syncNames();
    if (truncations !== this.#truncations) return;
    this.#flushedTo = Math.max(this.#flushedTo, offset);
    this.#indexedTo = Math.max(this.#indexedTo, offset);
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
    this.#hasNewNames = true;
  }

  /** A segment got the last entries of its indexes, which a flush has to bring to the disk. */
  rolled(baseOffset: number): void {
    this.#indexedTo = Math.min(this.#indexedTo, baseOffset);
  }

  /** The log was cut, or its segments went: a flush under way proves nothing any more. */
  cutAt(offset: number): void {
    this.#truncations++;
    // Else the segments that went may be back after a power cut, behind what was written since.
    this.#hasNewNames = true;
    this.#flushedTo = Math.min(this.#flushedTo, offset);
    this.#indexedTo = Math.min(this.#indexedTo, offset);
  }

  movedTo(directory: string): void {
    this.#directory = directory;
    this.#truncations++;
    this.#isFolderNew = true;
  }

  /** A file whose name is lost is lost, fsynced or not. */
  async #syncNames(): Promise<void> {
    const { disk } = this.#support;
    const { hasNewNames, isFolderNew } = this.#takeNewNames();
    if (hasNewNames) await disk.syncDirectory(this.#directory);
    if (isFolderNew) await disk.syncDirectory(path.dirname(this.#directory));
  }

  #syncNamesNow(): void {
    const { disk } = this.#support;
    const { hasNewNames, isFolderNew } = this.#takeNewNames();
    if (hasNewNames) disk.syncDirectorySync(this.#directory);
    if (isFolderNew) disk.syncDirectorySync(path.dirname(this.#directory));
  }

  /** What comes while these are fsynced is for the next time. */
  #takeNewNames(): { readonly hasNewNames: boolean; readonly isFolderNew: boolean } {
    const taken = { hasNewNames: this.#hasNewNames, isFolderNew: this.#isFolderNew };
    this.#hasNewNames = false;
    this.#isFolderNew = false;
    return taken;
  }
}
