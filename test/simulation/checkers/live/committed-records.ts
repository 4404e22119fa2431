import { baseOffset, batchSizeBytes, lastOffset, leaderEpoch, readBatches, storedCrc } from '../../../../src/record/batch.ts';
import { isCompacted } from '../log-files.ts';
import type { ClusterView, CreateLiveChecker, ReplicaView } from '../../cluster/observer.ts';
import type { StoredPartition } from '../../cluster/stored-topics.ts';

/** What is below a leader's high watermark was promised to somebody: from then on it never changes. */
interface Committed {
  end: number;
  /** By leader epoch: where what was committed in it ends. A broker that hears late of an older epoch need not have what came later. */
  readonly ends: Map<number, number>;
  /** By base offset: checksum, epoch and size. */
  readonly batches: Map<number, string>;
}

const bytesAtOnce = 1 << 20;

/**
 * Committed records are the same in each replica, every later leader has them all, and so has each member of the ISR that
 * ZooKeeper knows, dead or alive.
 */
export const committedRecordsStay: CreateLiveChecker = (view) => {
  const { cluster } = view;
  const committed = new Map<string, Committed>();

  function commit(now: ReplicaView): void {
    let known = committed.get(now.key);
    if (known === undefined) committed.set(now.key, (known = { end: 0, ends: new Map(), batches: new Map() }));
    if (now.highWatermark <= known.end) return;
    forEachBatch(now, Math.max(known.end, now.logStartOffset), now.highWatermark, (base, signature) => known.batches.set(base, signature));
    known.end = now.highWatermark;
    known.ends.set(now.leaderEpoch, now.highWatermark);
    checkIsr(view, view.storedOf(now.key), known);
  }

  function compare(now: ReplicaView, from: number): void {
    const known = committed.get(now.key);
    if (known === undefined) return;
    forEachBatch(now, Math.max(from, now.logStartOffset), Math.min(now.highWatermark, known.end), (base, signature) => {
      const due = known.batches.get(base);
      if (due !== undefined && due !== signature) cluster.violate(`${now.machine.name} has ${signature} at offset ${base} of ${now.key}, where ${due} was committed`);
    });
  }

  function checkLeader(now: ReplicaView): void {
    const end = endUpTo(committed.get(now.key), now.leaderEpoch);
    if (now.logEndOffset < end) cluster.violate(`${now.machine.name} leads ${now.key} in epoch ${now.leaderEpoch} with records up to ${now.logEndOffset}, where ${end} were committed`);
  }

  return {
    replicaChanged(now, before) {
      if (now.isLeader && (before?.isLeader !== true || before.leaderEpoch !== now.leaderEpoch)) checkLeader(now);
      if (now.highWatermark > (before?.highWatermark ?? now.highWatermark)) compare(now, before?.highWatermark ?? 0);
      if (now.isLeader) commit(now);
      if (before === undefined || now.logEndOffset < before.logEndOffset) checkIsr(view, view.storedOf(now.key), committed.get(now.key));
    },
    stored(now) {
      checkIsr(view, now, committed.get(now.key));
    },
  };
};

function endUpTo(committed: Committed | undefined, epoch: number): number {
  let latest = 0;
  for (const [of, end] of committed?.ends ?? []) if (of <= epoch) latest = Math.max(latest, end);
  return latest;
}

function checkIsr({ cluster, replicasOf }: ClusterView, stored: StoredPartition | undefined, committed: Committed | undefined): void {
  if (stored === undefined || committed === undefined) return;
  const end = endUpTo(committed, stored.state.leaderEpoch);
  for (const { machine, logEndOffset } of replicasOf(stored.key)) {
    if (stored.state.isr.includes(machine.id) && logEndOffset < end) {
      cluster.violate(`broker ${machine.id} is in the ISR [${stored.state.isr.join()}] of ${stored.key} with records up to ${logEndOffset}, where ${end} were committed`);
    }
  }
}

/** Reads whole batches from one offset to another, in the order of the log. */
function forEachBatch({ machine, partition }: ReplicaView, from: number, to: number, visit: (base: number, signature: string) => void): void {
  const { log } = partition;
  // Each replica cleans its log by itself.
  if (from >= to || log.isOffline || isCompacted(partition)) return;
  machine.disk.inPeace(() => {
    for (let at = from; at < to; ) {
      const { records } = log.read(at, bytesAtOnce, 'log-end', true);
      if (records.length === 0) return;
      const bytes = Buffer.allocUnsafe(records.length);
      const length = records.file.readSync(bytes, 0, records.length, records.position);
      for (const start of readBatches(bytes, 0, length)) {
        const base = baseOffset(bytes, start);
        at = lastOffset(bytes, start) + 1;
        if (base >= from && at <= to) visit(base, `${storedCrc(bytes, start)}/${leaderEpoch(bytes, start)}/${batchSizeBytes(bytes, start)}`);
        if (at >= to) return;
      }
    }
  });
}
