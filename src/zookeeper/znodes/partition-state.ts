import { encodeJson, ZnodeObject } from './json.ts';

/** `/brokers/topics/T/partitions/P/state`. The "partition epoch" is the znode's version, not in the data. */
export interface PartitionState {
  readonly controllerEpoch: number;
  /** Broker id; -1 when there is none, -2 while the topic is deleted. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly isr: readonly number[];
  /** RECOVERING after an unclean election, until the leader's next ISR change (KIP-704). */
  readonly leaderRecoveryState: 'RECOVERED' | 'RECOVERING';
}

export function encodePartitionState(state: PartitionState): Buffer {
  return encodeJson({
    controller_epoch: state.controllerEpoch,
    leader: state.leader,
    version: 1,
    ...(state.leaderRecoveryState === 'RECOVERING' ? { leader_recovery_state: 1 } : {}),
    leader_epoch: state.leaderEpoch,
    isr: state.isr,
  });
}

/** @throws MalformedZnode */
export function decodePartitionState(bytes: Uint8Array): PartitionState {
  const object = ZnodeObject.parse('partition state', bytes);
  return {
    controllerEpoch: object.integer('controller_epoch'),
    leader: object.integer('leader'),
    leaderEpoch: object.integer('leader_epoch'),
    isr: object.integers('isr'),
    leaderRecoveryState: object.integerOr('leader_recovery_state', 0) === 1 ? 'RECOVERING' : 'RECOVERED',
  };
}
