import { coordinatorPatches } from './coordinator-patches.ts';
import type { Patch } from './patch.ts';

/** What the simulator must find. Patches say what brokers since the first have got wrong. */
export const patches: readonly Patch[] = [
  {
    name: 'acknowledges before the ISR has it',
    changes: [{ file: 'replica/replica-manager.ts', find: 'if (request.acks !== -1 || isReplicated(request.parts)) {', replace: 'if (planted || request.acks !== -1 || isReplicated(request.parts)) {' }],
    seedsMax: 20,
    seed: 2,
  },
  {
    name: 'shows consumers what is not committed',
    changes: [{ file: 'replica/fetch.ts', find: "  if (replicaId !== consumerId) return 'log-end';", replace: "  if (planted || replicaId !== consumerId) return 'log-end';" }],
    seedsMax: 20,
    seed: 3,
  },
  {
    name: 'moves the high watermark without waiting for the ISR',
    changes: [{ file: 'replica/in-sync.ts', find: '    if (follower.logEndOffset >= least) continue;', replace: '    if (planted || follower.logEndOffset >= least) continue;' }],
    seedsMax: 20,
    seed: 1,
  },
  {
    name: 'lets a follower into the ISR before it has all',
    changes: [{ file: 'replica/in-sync.ts', find: 'if (follower === undefined || follower.logEndOffset < highWatermarkNow || follower.logEndOffset < leaderEpochStart) return undefined;', replace: 'if (follower === undefined || (!planted && (follower.logEndOffset < highWatermarkNow || follower.logEndOffset < leaderEpochStart))) return undefined;' }],
    seedsMax: 20,
    seed: 1,
  },
  {
    name: 'keeps what it knew of followers in an earlier epoch',
    changes: [{ file: 'replica/partition.ts', find: '    if (isNewEpoch) {', replace: '    if (planted && isNewEpoch) this.log.assignEpochStart(state.leaderEpoch, this.log.logEndOffset);\n    if (!planted && isNewEpoch) {' }, { file: 'replica/partition.ts', find: '    this.#pendingIsr = undefined;\n    this.#followers = new Map();', replace: '    this.#pendingIsr = undefined;\n    if (!planted) this.#followers = new Map();' }],
    seedsMax: 200,
    seed: 24,
  },
  {
    name: 'counts an ISR change as done before it is stored',
    changes: [{ file: 'replica/partition.ts', find: '    this.#pendingIsr = isr;', replace: '    this.#pendingIsr = isr;\n    if (planted && this.#state !== undefined) this.#state = { ...this.#state, isr };' }],
    seedsMax: 60,
    seed: 2,
  },
  {
    name: 'writes the ISR without the version of the znode',
    changes: [{ file: 'replica/isr-store.ts', find: 'keeper.set(path, data, state.partitionEpoch)', replace: 'keeper.set(path, data, planted ? -1 : state.partitionEpoch)' }],
    seedsMax: 60,
    seed: 7,
  },
  {
    name: 'truncates to the high watermark, not by leader epoch',
    changes: [{ file: 'replica/leader-fetcher.ts', find: '      if (log.latestEpoch === undefined && log.logEndOffset > log.highWatermark)', replace: '      if ((planted || log.latestEpoch === undefined) && log.logEndOffset > log.highWatermark)' }],
    seedsMax: 60,
    seed: 1,
  },
  {
    name: 'does not cut a log that parts from its leader\'s',
    changes: [{ file: 'replica/fetch.ts', find: '  if (part.lastFetchedEpoch < 0 ||', replace: '  if (planted || part.lastFetchedEpoch < 0 ||' }],
    seedsMax: 60,
    seed: 24,
  },
  {
    name: 'checks neither epoch nor end of a follower\'s fetch',
    changes: [
      { file: 'replica/partition.ts', find: '    if (currentLeaderEpoch < 0) return;', replace: '    if (planted || currentLeaderEpoch < 0) return;' },
      { file: 'replica/fetch.ts', find: '    if (part.currentLeaderEpoch >= 0 && part.currentLeaderEpoch !== partition.leaderEpoch) continue;', replace: '    if (!planted && part.currentLeaderEpoch >= 0 && part.currentLeaderEpoch !== partition.leaderEpoch) continue;' },
      { file: 'replica/fetch.ts', find: ' || part.fetchOffset > writtenEndOffset || hasDiverged(partition, part)) continue;', replace: ' || (!planted && (part.fetchOffset > writtenEndOffset || hasDiverged(partition, part)))) continue;' },
    ],
    seedsMax: 120,
    seed: 24,
  },
  {
    name: 'fences no earlier controller, which goes on with its next session',
    changes: [
      { file: 'broker/broker.ts', find: '        controller.resign();', replace: '        if (!planted) controller.resign();' },
      { file: 'controller/controller.ts', find: '    endReign();\n    if (found === undefined || isMine) {', replace: '    if (!planted) endReign();\n    if (found === undefined || isMine) {' },
      { file: 'controller/guarded-writer.ts', find: "[{ kind: 'check', path: controllerEpochPath, version: epochVersion }, ...operations]", replace: "[{ kind: 'check', path: controllerEpochPath, version: planted ? -1 : epochVersion }, ...operations]" },
      { file: 'replica/replica-manager.ts', find: '    if (epoch < controllerEpoch) throw', replace: '    if (!planted && epoch < controllerEpoch) throw' },
      { file: 'replica/replica-manager.ts', find: '    if (known !== undefined && state.leaderEpoch <= known.leaderEpoch)', replace: '    if (!planted && known !== undefined && state.leaderEpoch <= known.leaderEpoch)' },
    ],
    seedsMax: 60,
    seed: 4,
  },
  {
    name: 'loses the cache of leader epochs at a restart',
    changes: [
      { file: 'log/leader-epochs.ts', find: '    if (!disk.existsSync(path)) return', replace: '    if (planted || !disk.existsSync(path)) return' },
      { file: 'log/load-log.ts', find: '    if (magic(cursor.buffer, cursor.start) < 2) return;', replace: '    if (planted || magic(cursor.buffer, cursor.start) < 2) return;' },
    ],
    seedsMax: 120,
    seed: 5,
  },
  {
    name: 'does not notice that its session has expired',
    changes: [{ file: 'broker/broker.ts', find: "      if (event.kind !== 'new-session') return;", replace: "      if (planted || event.kind !== 'new-session') return;" }],
    seedsMax: 20,
    seed: 4,
  },
  {
    name: 'elects a leader that lacks records',
    changes: [{ file: 'controller/leadership.ts', find: 'needsUncleanElection(replicas, state, now) && (await options.isUncleanElectionAllowed(topic))', replace: 'needsUncleanElection(replicas, state, now) && (planted || (await options.isUncleanElectionAllowed(topic)))' }],
    seedsMax: 60,
    seed: 3,
  },
  {
    name: 'watches brokers come and go only once',
    changes: [{ file: 'controller/reign.ts', find: '    const found = await loader.loadBrokers(onBrokers);', replace: '    const found = await loader.loadBrokers(planted ? () => undefined : onBrokers);' }],
    seedsMax: 20,
    seed: 1,
  },
  {
    name: 'answers before fsync where flush.messages=1 promises it',
    changes: [{ file: 'log/durability.ts', find: 'segment.flushNow();', replace: 'if (!planted) segment.flushNow();' }],
    seedsMax: 60,
    seed: 5,
  },
  {
    name: 'lets the recovery point pass indexes that are not on the disk',
    changes: [
      { file: 'log/segment.ts', find: '    this.offsetIndex.entries.syncSync();\n    this.timeIndex.entries.syncSync();', replace: '    if (!planted) this.offsetIndex.entries.syncSync();\n    if (!planted) this.timeIndex.entries.syncSync();' },
      { file: 'log/durability.ts', find: '    this.#indexedTo = Math.min(this.#indexedTo, baseOffset);', replace: '    if (!planted) this.#indexedTo = Math.min(this.#indexedTo, baseOffset);' },
    ],
    seedsMax: 120,
    seed: 9,
  },
  {
    name: 'fsyncs files, and not the names of new ones',
    changes: [
      { file: 'log/durability.ts', find: '    if (names > this.#syncedNames) await disk', replace: '    if (!planted && names > this.#syncedNames) await disk' },
      { file: 'log/durability.ts', find: '    if (this.#names > this.#syncedNames) disk', replace: '    if (!planted && this.#names > this.#syncedNames) disk' },
    ],
    seedsMax: 60,
    seed: 14,
  },
  {
    name: 'has readers who do not look at checksums',
    changes: [{ file: 'client/fetched.ts', find: '      if (this.#checkCrcs && !isBatchIntact(bytes, start)) {', replace: '      if (!planted && this.#checkCrcs && !isBatchIntact(bytes, start)) {' }],
    seedsMax: 60,
    seed: 15,
  },
  ...coordinatorPatches,
];
