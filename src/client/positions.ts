import { KafkaError } from '../protocol/errors.ts';
import type { Assignment, PartitionState } from './assignment.ts';
import { placeKey } from './assignment.ts';
import type { Cluster } from './cluster.ts';
import type { ConsumerSettings } from './consumer-options.ts';
import type { GroupOffsets } from './group/group-offsets.ts';
import { offsetSpecs } from './offset-specs.ts';
import { listOffsets } from './offsets.ts';

/** Where to begin: at the group's committed offset, else where auto.offset.reset says. */
export interface Positions {
  readonly areMissing: boolean;
  /** Once at a time. @throws KafkaError OFFSET_OUT_OF_RANGE with autoOffsetReset none */
  find(): Promise<void>;
}

/** @param offsets undefined without a group */
export function createPositions(cluster: Cluster, assignment: Assignment, settings: ConsumerSettings, offsets: GroupOffsets | undefined): Positions {
  const { defaultApiTimeoutMs } = cluster.settings;
  let finding: Promise<void> | undefined;

  const missing = (): PartitionState[] => [...assignment.all].filter(({ position }) => position === undefined);

  async function takeCommitted(group: GroupOffsets): Promise<void> {
    const awaiting = missing().filter(({ awaitsCommitted }) => awaitsCommitted);
    for (const { topic, partition, offset, leaderEpoch } of await group.committed(awaiting, defaultApiTimeoutMs)) {
      const state = assignment.get({ topic, partition });
      // A seek or a new assignment in the meantime knows better.
      if (state === undefined || !state.awaitsCommitted || !awaiting.includes(state)) continue;
      state.awaitsCommitted = false;
      if (offset < 0 || state.position !== undefined) continue;
      state.position = offset;
      state.epoch = leaderEpoch;
    }
  }

  async function reset(): Promise<void> {
    const lost = missing().filter(({ awaitsCommitted }) => offsets === undefined || !awaitsCommitted);
    const undecided = lost.find((state) => state.reset === 'none');
    if (undecided !== undefined) {
      throw new KafkaError('OFFSET_OUT_OF_RANGE', `Undefined offset with no reset policy for partitions: [${undecided.topic}-${undecided.partition}]`);
    }
    const resets = new Map(lost.map((state) => [placeKey(state), state.reset]));
    const queries = lost.map((state) => ({ topic: state.topic, partition: state.partition, timestamp: state.reset === 'earliest' ? offsetSpecs.earliest : offsetSpecs.latest }));
    if (queries.length === 0) return;
    for (const answer of await listOffsets(cluster, queries, settings.isolationLevel, defaultApiTimeoutMs)) {
      const state = assignment.get(answer);
      if (state !== undefined && state.position === undefined && state.reset === resets.get(placeKey(answer))) state.position = answer.offset;
    }
  }

  return {
    get areMissing() {
      for (const { position } of assignment.all) if (position === undefined) return true;
      return false;
    },
    find() {
      finding ??= (offsets === undefined ? Promise.resolve() : takeCommitted(offsets)).then(reset).finally(() => {
        finding = undefined;
      });
      return finding;
    },
  };
}
