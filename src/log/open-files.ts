import type { Clock, Timer } from '../runtime/clock.ts';
import type { Disk, DiskFile } from '../runtime/disk.ts';

/** Something whose file the pool may close while it is not in use. */
export interface FileHolder {
  readonly path: string;
  /** Set by the holder at each use; the pool's sweep clears it. */
  usedSinceSweep: boolean;
  /** Gives up its file when the pool asks. */
  giveUpFile(): DiskFile | undefined;
}

/** How long a file stays open after it was given up: reads that were handed a slice of it finish long before. */
const closeDelayMs = 60_000;

/**
 * Open files of all segments, opened at first use and at most `filesMax` at once (Kafka keeps all open).
 * When there are more, the sweep of a clock picks one that was not used since its last round.
 */
export class OpenFiles {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #filesMax: number;
  readonly #holders: FileHolder[] = [];
  readonly #closing = new Map<DiskFile, Timer>();
  #hand = 0;

  constructor(disk: Disk, clock: Clock, filesMax: number) {
    this.#disk = disk;
    this.#clock = clock;
    this.#filesMax = filesMax;
  }

  get openCount(): number {
    return this.#holders.length;
  }

  /** Opens the holder's file for reading and writing. */
  open(holder: FileHolder): DiskFile {
    if (this.#holders.length >= this.#filesMax) this.#evictOne();
    const file = this.#disk.openSync(holder.path, 'write');
    this.#holders.push(holder);
    return file;
  }

  /** The holder goes (its segment was deleted): its file closes after a delay. */
  release(holder: FileHolder): void {
    const index = this.#holders.indexOf(holder);
    if (index >= 0) this.#remove(index);
    this.#closeLater(holder.giveUpFile());
  }

  /** Closes the holder's file at once: nobody can be reading it any more. */
  closeNow(holder: FileHolder): void {
    const index = this.#holders.indexOf(holder);
    if (index >= 0) this.#remove(index);
    holder.giveUpFile()?.closeSync();
  }

  closeAll(): void {
    for (const holder of this.#holders) holder.giveUpFile()?.closeSync();
    this.#holders.length = 0;
    for (const [file, timer] of this.#closing) {
      timer.cancel();
      file.closeSync();
    }
    this.#closing.clear();
  }

  #evictOne(): void {
    for (let step = 0; step <= this.#holders.length; step++) {
      this.#hand = (this.#hand + 1) % this.#holders.length;
      const holder = this.#holders[this.#hand]!;
      if (holder.usedSinceSweep) {
        holder.usedSinceSweep = false;
        continue;
      }
      this.#remove(this.#hand);
      this.#closeLater(holder.giveUpFile());
      return;
    }
    const holder = this.#holders[this.#hand]!;
    this.#remove(this.#hand);
    this.#closeLater(holder.giveUpFile());
  }

  #remove(index: number): void {
    const last = this.#holders.pop()!;
    if (index < this.#holders.length) this.#holders[index] = last;
    if (this.#hand >= this.#holders.length) this.#hand = 0;
  }

  #closeLater(file: DiskFile | undefined): void {
    if (file === undefined) return;
    const timer = this.#clock.setTimer(closeDelayMs, () => {
      this.#closing.delete(file);
      file.closeSync();
    });
    this.#closing.set(file, timer);
  }
}
