import type { Disk } from '../runtime/disk.ts';
import type { Logger } from '../runtime/logger.ts';
import { DataTree } from './data-tree.ts';
import { MalformedJute } from './jute.ts';
import { decodeSnapshot, encodeSnapshot, isWholeSnapshot, snapshotName, type State } from './snapshot.ts';
import { readLog } from './transaction-log.ts';

/** What keeps a server from starting on its data; the message says what to do. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

export interface StorageOptions {
  readonly disk: Disk;
  readonly logger: Logger;
  /** `<dataDir>/version-2`. */
  readonly snapshotDirectory: string;
  /** `<dataLogDir>/version-2`. */
  readonly logDirectory: string;
  /** Logs without any snapshot are taken for a whole history (snapshot.trust.empty). */
  readonly trustEmptySnapshot: boolean;
}

/** Snapshots and logs are named by the zxid in the name; anything else in the directory is not ours. */
interface NumberedFile {
  readonly path: string;
  readonly zxid: number;
}

/** The named files with their zxids, lowest first. */
export function numberedFiles(disk: Disk, directory: string, prefix: 'snapshot' | 'log'): NumberedFile[] {
  const files: NumberedFile[] = [];
  for (const name of disk.listSync(directory)) {
    const found = /^([a-z]+)\.([0-9a-fA-F]{1,16})$/.exec(name);
    if (found !== null && found[1] === prefix) files.push({ path: `${directory}/${name}`, zxid: Number.parseInt(found[2]!, 16) });
  }
  return files.sort((a, b) => a.zxid - b.zxid);
}

export interface Recovered extends State {
  /** Transactions replayed after the snapshot. */
  readonly replayed: number;
  /** Whether a snapshot of exactly this state is there. */
  readonly isSnapshotCurrent: boolean;
}

/** Removes what a server that was killed while it wrote a snapshot left behind. */
export function removeUnfinished(disk: Disk, snapshotDirectory: string): void {
  for (const name of disk.listSync(snapshotDirectory)) {
    if (name.startsWith('snapshot.') && name.endsWith(unfinishedEnding)) disk.unlinkSync(`${snapshotDirectory}/${name}`);
  }
}

const unfinishedEnding = '.part';
/** How many snapshots are tried, newest first (FileSnap). */
const snapshotsTriedMax = 100;

/**
 * The newest whole snapshot with all later transactions applied.
 *
 * @throws StorageError, CorruptLog
 */
export function recover(options: StorageOptions): Recovered {
  const { disk, snapshotDirectory, logDirectory } = options;
  const snapshots = numberedFiles(disk, snapshotDirectory, 'snapshot');
  const logs = numberedFiles(disk, logDirectory, 'log');
  const loaded = loadSnapshot(options, snapshots);
  if (loaded === undefined) {
    if (snapshots.length > 0) throw new StorageError(`no snapshot in ${snapshotDirectory} is whole; restore one from a backup`);
    if (logs.length > 0 && !options.trustEmptySnapshot) {
      throw new StorageError(
        `${logDirectory} has transaction logs but ${snapshotDirectory} has no snapshot; restore it, or start once with snapshot.trust.empty=true if there never was one`,
      );
    }
  }
  const state = loaded ?? { tree: new DataTree(), sessions: new Map<string, number>() };
  const snapshotZxid = state.tree.lastZxid;
  const replayed = replay(options, logs, state);
  dropOrphans(state);
  return { ...state, replayed, isSnapshotCurrent: loaded !== undefined && state.tree.lastZxid === snapshotZxid };
}

function loadSnapshot(options: StorageOptions, snapshots: readonly NumberedFile[]): State | undefined {
  const { disk, logger } = options;
  for (const { path, zxid } of snapshots.slice(-snapshotsTriedMax).reverse()) {
    try {
      if (isWholeSnapshot(disk, path)) return decodeSnapshot(disk.readFileSync(path), zxid);
      logger.warn('snapshot is not whole, taking the one before', { path });
    } catch (error) {
      if (!(error instanceof MalformedJute)) throw error;
      logger.warn('snapshot cannot be read, taking the one before', { path, error });
    }
  }
  return undefined;
}

/** Applies what the logs have beyond the state; returns how many transactions that were. */
function replay(options: StorageOptions, logs: readonly NumberedFile[], state: State): number {
  const { disk, logger } = options;
  const { tree } = state;
  const start = logs.reduce((first, log) => (log.zxid <= tree.lastZxid ? log.zxid : first), 0);
  let count = 0;
  for (const log of logs) {
    if (log.zxid < start) continue;
    for (const transaction of readLog(disk, log.path)) {
      if (transaction.zxid <= tree.lastZxid) continue;
      if (count > 0 && transaction.zxid !== tree.lastZxid + 1 && transaction.zxid % 2 ** 32 !== 1) {
        logger.warn('zxids are missing in the log', { path: log.path, after: tree.lastZxid, found: transaction.zxid });
      }
      const { change, sessionId } = transaction;
      if (change.kind === 'create-session') state.sessions.set(sessionId, change.timeoutMs);
      if (change.kind === 'close-session') state.sessions.delete(sessionId);
      tree.apply(transaction);
      count++;
    }
  }
  return count;
}

/** Ephemerals of sessions that are not there can only come from a damaged or foreign folder; nobody would ever end them. */
function dropOrphans({ tree, sessions }: State): void {
  for (const sessionId of tree.ephemerals.keys()) {
    if (!sessions.has(sessionId)) {
      tree.apply({ sessionId, cxid: 0, zxid: tree.lastZxid, timeMs: 0, change: { kind: 'close-session', type: -11, paths: undefined } });
    }
  }
}

/**
 * Writes a snapshot beside its final name, piece by piece, and gives it the name when all is durable.
 * Each `next` writes one piece; `finish` must be called once all that the pieces show is durable in the log.
 */
export class SnapshotFile {
  readonly zxid: number;
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #pieces: Generator<Buffer>;
  readonly #file: ReturnType<Disk['openSync']>;
  #position = 0;

  constructor(disk: Disk, directory: string, state: State) {
    this.#disk = disk;
    this.#directory = directory;
    this.zxid = state.tree.lastZxid;
    this.#pieces = encodeSnapshot(state);
    this.#file = disk.openSync(`${directory}/${snapshotName(this.zxid)}${unfinishedEnding}`, 'truncate');
  }

  /** False when nothing is left to write. */
  next(): boolean {
    const piece = this.#pieces.next();
    if (piece.done === true) return false;
    this.#file.writeSync([piece.value], this.#position);
    this.#position += piece.value.length;
    return true;
  }

  async finish(): Promise<void> {
    await this.#file.sync();
    this.#name();
  }

  finishSync(): void {
    this.#file.syncSync();
    this.#name();
  }

  #name(): void {
    this.#file.closeSync();
    this.#disk.renameSync(this.#file.path, `${this.#directory}/${snapshotName(this.zxid)}`);
    this.#disk.syncDirectorySync(this.#directory);
  }

  abandon(): void {
    this.#file.closeSync();
    this.#disk.removeSync(this.#file.path);
  }
}

/**
 * Removes all but the newest snapshots, and the logs that none of those kept needs.
 *
 * @param retainCount snapshots kept, at least 3 (autopurge.snapRetainCount)
 * @see PurgeTxnLog in Apache ZooKeeper 3.8
 */
export function purge(options: Pick<StorageOptions, 'disk' | 'snapshotDirectory' | 'logDirectory'>, retainCount: number): string[] {
  const { disk, snapshotDirectory, logDirectory } = options;
  const snapshots = numberedFiles(disk, snapshotDirectory, 'snapshot').filter(({ path }) => isWholeSnapshot(disk, path));
  const oldestKept = snapshots.at(-retainCount) ?? snapshots[0];
  if (oldestKept === undefined) return [];
  const logs = numberedFiles(disk, logDirectory, 'log');
  const firstNeeded = logs.reduce((first, log) => (log.zxid <= oldestKept.zxid ? log.zxid : first), 0);
  const removed = [
    ...numberedFiles(disk, snapshotDirectory, 'snapshot').filter(({ zxid }) => zxid < oldestKept.zxid),
    ...logs.filter(({ zxid }) => zxid < firstNeeded),
  ].map(({ path }) => path);
  for (const path of removed) disk.unlinkSync(path);
  return removed;
}
