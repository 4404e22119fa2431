import { isControl, isTransactional, baseOffset, lastOffset, producerId, readBatches } from '../../../../src/record/batch.ts';
import type { Partition } from '../../../../src/replica/partition.ts';
import type { CreateLiveChecker, ReplicaView } from '../../cluster/observer.ts';

/** The transactions of one leader's log, as its batches tell. */
interface Transactions {
  readonly epoch: number;
  /** What was read of the log. */
  end: number;
  readonly open: Map<number, number>;
  /** First offset and that of the marker, where the marker is not committed yet. */
  uncommitted: { readonly first: number; readonly marker: number }[];
  lastStable: number;
}

/** Topics that hold transactions in these runs. */
const transactionalTopics: readonly string[] = ['outputs', '__consumer_offsets'];
const bytesAtOnce = 1 << 20;

/**
 * A leader's last stable offset is where the first transaction without a committed marker begins, or the high watermark; it never
 * moves back. A replica may have heard that a marker was committed, and lead with a high watermark from before; and what it was opened
 * with counts as committed, for snapshots of producers tell of open transactions alone, as in Apache Kafka: the outcome is certain by then.
 */
export const lastStableOffsetIsRight: CreateLiveChecker = ({ cluster }) => {
  const known = new WeakMap<Partition, Transactions>();
  const committed = new Map<string, number>();
  const openedWith = new WeakMap<Partition, number>();

  function transactionsOf({ partition, leaderEpoch, logStartOffset }: ReplicaView): Transactions {
    let state = known.get(partition);
    if (state?.epoch === leaderEpoch) return state;
    state = { epoch: leaderEpoch, end: logStartOffset, open: new Map(), uncommitted: [], lastStable: -1 };
    known.set(partition, state);
    return state;
  }

  return {
    replicaChanged(now) {
      const { partition, machine, key, highWatermark } = now;
      if (!openedWith.has(partition)) openedWith.set(partition, now.logEndOffset);
      if (!now.isLeader || partition.log.isOffline || !transactionalTopics.includes(partition.topic)) return;
      const committedEnd = Math.max(highWatermark, committed.get(key) ?? 0);
      committed.set(key, committedEnd);
      const state = transactionsOf(now);
      machine.disk.inPeace(() => readOn(now, state));
      state.uncommitted = state.uncommitted.filter(({ marker }) => marker >= highWatermark);
      const settledEnd = Math.max(committedEnd, openedWith.get(partition)!);
      const firstOpen = Math.min(highWatermark, ...state.open.values());
      const least = Math.min(firstOpen, ...state.uncommitted.map(({ first }) => first));
      const most = Math.min(firstOpen, ...state.uncommitted.filter(({ marker }) => marker >= settledEnd).map(({ first }) => first));
      const { lastStableOffset } = partition.log;
      if (lastStableOffset < least || lastStableOffset > most) cluster.violate(`${machine.name} tells the last stable offset ${lastStableOffset} of ${key}, where it is ${most}`);
      if (lastStableOffset < state.lastStable) cluster.violate(`${machine.name} moved the last stable offset of ${key} back from ${state.lastStable} to ${lastStableOffset}`);
      state.lastStable = lastStableOffset;
    },
  };
};

function readOn({ partition: { log }, logEndOffset }: ReplicaView, state: Transactions): void {
  while (state.end < logEndOffset) {
    const { records } = log.read(state.end, bytesAtOnce, 'log-end', true);
    if (records.length === 0) return;
    const bytes = Buffer.allocUnsafe(records.length);
    const length = records.file.readSync(bytes, 0, records.length, records.position);
    for (const start of readBatches(bytes, 0, length)) {
      const next = lastOffset(bytes, start) + 1;
      if (next <= state.end) continue;
      if (next > logEndOffset) return;
      take(state, bytes, start);
      state.end = next;
    }
  }
}

function take({ open, uncommitted }: Transactions, bytes: Buffer, start: number): void {
  const producer = producerId(bytes, start);
  const first = open.get(producer);
  if (isControl(bytes, start)) {
    if (first === undefined) return;
    open.delete(producer);
    uncommitted.push({ first, marker: baseOffset(bytes, start) });
  } else if (isTransactional(bytes, start) && first === undefined) {
    open.set(producer, baseOffset(bytes, start));
  }
}
