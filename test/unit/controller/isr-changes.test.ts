import { expect } from 'chai';
import { judgeIsrChange } from '../../../src/controller/isr-changes.ts';
import type { WantedIsr } from '../../../src/controller/isr-changes.ts';
import type { PartitionState } from '../../../src/zookeeper/znodes/partition-state.ts';

const state: PartitionState = { controllerEpoch: 1, leader: 1, leaderEpoch: 4, isr: [1, 2], leaderRecoveryState: 'RECOVERED' };

describe('AlterPartition at the controller', () => {
  const verdict = (wanted: Partial<WantedIsr>, change: Partial<PartitionState> = {}): string => {
    const found = judgeIsrChange({ state: { ...state, ...change }, version: 7 }, { isr: [1, 2, 3], leaderEpoch: 4, partitionEpoch: 7, leaderRecoveryState: 'RECOVERED', ...wanted }, new Set([1, 2, 3]), 9);
    if (found.kind === 'refused') return found.error;
    return found.kind === 'store' ? `isr ${found.state.isr.join(',')} epoch ${found.state.leaderEpoch} by ${found.state.controllerEpoch}` : found.kind;
  };

  it('stores the ISR under the same leader epoch', () => {
    expect(verdict({})).to.equal('isr 1,2,3 epoch 4 by 9');
    expect(verdict({ isr: [1] })).to.equal('isr 1 epoch 4 by 9');
  });

  it('confirms what is so already, also to one who missed the answer', () => {
    expect(verdict({ isr: [1, 2] })).to.equal('unchanged');
    expect(verdict({ isr: [1, 2], partitionEpoch: 6 })).to.equal('unchanged');
  });

  it('refuses who is behind, and sends away who is ahead', () => {
    expect(verdict({ leaderEpoch: 3 })).to.equal('FENCED_LEADER_EPOCH');
    expect(verdict({ partitionEpoch: 6 })).to.equal('INVALID_UPDATE_VERSION');
    expect(verdict({ leaderEpoch: 5 })).to.equal('NOT_CONTROLLER');
    expect(verdict({ partitionEpoch: 8 })).to.equal('NOT_CONTROLLER');
  });

  it('refuses members that do not live, and a recovery that cannot be', () => {
    expect(verdict({ isr: [1, 4] })).to.equal('INELIGIBLE_REPLICA');
    expect(verdict({ leaderRecoveryState: 'RECOVERING', isr: [1] })).to.equal('INVALID_REQUEST');
    expect(verdict({ leaderRecoveryState: 'RECOVERING' }, { isr: [1], leaderRecoveryState: 'RECOVERING' })).to.equal('INVALID_REQUEST');
    expect(verdict({ isr: [1, 2] }, { isr: [1], leaderRecoveryState: 'RECOVERING' })).to.equal('isr 1,2 epoch 4 by 9');
  });
});
