import type { CreateLiveChecker } from '../../cluster/observer.ts';

/** What a leader shows to consumers it does not take back while it leads; no replica shows more than it has. */
export const highWatermarkIsKept: CreateLiveChecker = ({ cluster }) => ({
  replicaChanged(now, before) {
    const { key, machine, highWatermark } = now;
    if (highWatermark > now.logEndOffset) cluster.violate(`${machine.name} has the high watermark ${highWatermark} of ${key}, above its end ${now.logEndOffset}`);
    if (before === undefined || !now.isLeader || !before.isLeader) return;
    if (highWatermark < before.highWatermark) cluster.violate(`${machine.name}, leader of ${key} in epoch ${now.leaderEpoch}, moved the high watermark back from ${before.highWatermark} to ${highWatermark}`);
  },
});
