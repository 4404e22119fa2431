import type { CreateLiveChecker } from '../../cluster/observer.ts';

/** Where a leader's log begins never moves back, nor above what is committed. */
export const logStartIsKept: CreateLiveChecker = ({ cluster }) => ({
  replicaChanged(now, before) {
    if (!now.isLeader) return;
    const { key, machine, logStartOffset, highWatermark } = now;
    if (logStartOffset > highWatermark) cluster.violate(`the log of ${key} on ${machine.name} begins at ${logStartOffset}, above its high watermark ${highWatermark}`);
    if (before?.isLeader === true && logStartOffset < before.logStartOffset) cluster.violate(`the log of ${key} on ${machine.name} began at ${before.logStartOffset}, and begins at ${logStartOffset} now`);
  },
});
