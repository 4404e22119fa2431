import type { Patch } from './patch.ts';

const groups = 'three-brokers-groups';
const compaction = 'three-brokers-compaction';
const transactions = 'three-brokers-transactions';

/** What coordinators of groups and transactions, and the log's part in them, have got wrong; and the log cleaner. */
export const coordinatorPatches: readonly Patch[] = [
  {
    name: 'acknowledges commits of offsets before they are replicated',
    changes: [{ file: 'coordinator/group/group-log.ts', find: 'replicas.append([part], requiredAcks, timeoutMs,', replace: 'replicas.append([part], planted ? 1 : requiredAcks, timeoutMs,' }],
    seedsMax: 60,
    seed: 2,
    scenario: groups,
  },
  {
    name: 'takes commits of any generation',
    changes: [
      {
        file: 'coordinator/group/liveness.ts',
        find: "  if (error !== 'NONE') return error;\n  if (group.state === 'CompletingRebalance') return 'REBALANCE_IN_PROGRESS';\n",
        replace: "  if (planted) return 'NONE';\n  if (error !== 'NONE') return error;\n  if (group.state === 'CompletingRebalance') return 'REBALANCE_IN_PROGRESS';\n",
      },
    ],
    seedsMax: 60,
    seed: 15,
    scenario: groups,
  },
  {
    name: 'forgets members and generations of groups that it takes over',
    changes: [{ file: 'coordinator/group/loader.ts', find: 'else groups.set(key.group, decodeGroup(key.group, record.value));', replace: 'else if (!planted) groups.set(key.group, decodeGroup(key.group, record.value));' }],
    seedsMax: 60,
    seed: 2,
    scenario: groups,
  },
  {
    name: 'drops tombstones at once when it compacts',
    changes: [{ file: 'log/cleaner/clean-batch.ts', find: 'return (record.hasValue || keepsTombstones) &&', replace: 'return (record.hasValue || (!planted && keepsTombstones)) &&' }],
    seedsMax: 20,
    seed: 9,
    scenario: compaction,
  },
  {
    name: 'shows open transactions to read_committed readers',
    changes: [{ file: 'log/disk-partition-log.ts', find: 'const unstable = this.#producers.firstUnstableOffset;', replace: 'const unstable = planted ? undefined : this.#producers.firstUnstableOffset;' }],
    seedsMax: 20,
    seed: 1,
    scenario: transactions,
  },
  {
    name: 'lets a fenced producer end a transaction',
    changes: [{ file: 'coordinator/transaction/end-transaction.ts', find: "if (transaction.producerEpoch !== epoch) return answer('PRODUCER_FENCED');", replace: "if (!planted && transaction.producerEpoch !== epoch) return answer('PRODUCER_FENCED');" }],
    seedsMax: 60,
    seed: 15,
    scenario: transactions,
  },
  {
    name: 'does not carry out what an earlier coordinator had decided',
    changes: [{ file: 'coordinator/transaction/residency.ts', find: 'for (const resident of open) completion.complete(resident);', replace: 'if (!planted) for (const resident of open) completion.complete(resident);' }],
    seedsMax: 60,
    seed: 27,
    scenario: transactions,
  },
  {
    name: 'counts offsets of a transaction before its marker',
    changes: [
      {
        file: 'coordinator/group/group-offsets.ts',
        find: 'group.offsets.appendedTransactional(producer.id, accepted, baseOffset);',
        replace: 'group.offsets.appendedTransactional(producer.id, accepted, baseOffset);\n          if (planted) for (const commit of accepted) group.offsets.load(commit, baseOffset);',
      },
    ],
    seedsMax: 20,
    seed: 1,
    scenario: transactions,
  },
  {
    name: 'does not rebuild the index of aborted transactions at a recovery',
    changes: [{ file: 'log/load-log.ts', find: 'if (completed?.isAborted === true && indexed !== undefined)', replace: 'if (!planted && completed?.isAborted === true && indexed !== undefined)' }],
    seedsMax: 60,
    seed: 5,
    scenario: transactions,
  },
  {
    name: 'forgets at a restart what producers have written',
    changes: [
      { file: 'log/load-log.ts', find: '  const completed = producers.replay(cursor.buffer, cursor.start);', replace: '  const completed = planted ? undefined : producers.replay(cursor.buffer, cursor.start);' },
      { file: 'log/producer-states.ts', find: '          if (this.#isExpired(entry, nowMs)) continue;', replace: '          if (planted || this.#isExpired(entry, nowMs)) continue;' },
    ],
    seedsMax: 60,
    seed: 3,
    scenario: transactions,
  },
  {
    name: 'takes a batch that a producer sends again',
    changes: [
      { file: 'log/producer-state.ts', find: 'if (entry.producerEpoch !== batch.producerEpoch) return undefined;', replace: 'if (planted || entry.producerEpoch !== batch.producerEpoch) return undefined;' },
      { file: 'log/producer-state.ts', find: "  if (origin === 'client') checkSequence(", replace: "  if (!planted && origin === 'client') checkSequence(" },
    ],
    seedsMax: 20,
    seed: 2,
    scenario: transactions,
  },
];
