import { expect } from 'chai';
import { createCompletion } from '../../../../src/coordinator/transaction/completion.ts';
import type { Destination } from '../../../../src/coordinator/transaction/completion.ts';
import type { Marker, MarkerResult } from '../../../../src/coordinator/transaction/marker.ts';
import { partitionsOf } from '../../../../src/coordinator/transaction/partitions.ts';
import { createResidents } from '../../../../src/coordinator/transaction/residents.ts';
import type { Resident } from '../../../../src/coordinator/transaction/residents.ts';
import { newTransaction } from '../../../../src/coordinator/transaction/transaction.ts';
import type { Transaction } from '../../../../src/coordinator/transaction/transaction.ts';
import type { ErrorName } from '../../../../src/protocol/errors.ts';
import type { Clock } from '../../../../src/runtime/clock.ts';
import { silentLogger } from '../../../../src/runtime/logger.ts';

/** Timers go off when told; answers of brokers are scripted. */
class World {
  readonly residents = createResidents(() => 1);
  readonly owner = this.residents.beginLoading(0, 5);
  readonly stored: Transaction[] = [];
  readonly sent: { readonly broker: number; readonly markers: readonly Marker[] }[] = [];
  readonly timers: (() => void)[] = [];
  leaders: Record<string, Destination> = { 'a-0': 1, 'a-1': 2, 'b-0': 2 };
  answerOf: (topic: string, partition: number) => ErrorName = () => 'NONE';
  storeError: ErrorName = 'NONE';
  isNetworkDown = false;
  readonly completion = createCompletion({
    clock: { nowMs: () => 77, monotonicMs: () => 0, setTimer: (_delayMs: number, callback: () => void) => (this.timers.push(callback), { cancel: () => undefined }), defer: (callback: () => void) => callback() } satisfies Clock,
    logger: silentLogger,
    log: {
      append: (_partition, transaction, done) => {
        if (this.storeError === 'NONE') this.stored.push(transaction);
        done(this.storeError);
      },
      appendTombstones: () => undefined,
    },
    residents: this.residents,
    leaderOf: (topic, partition) => this.leaders[`${topic}-${partition}`] ?? 'deleted',
    sendMarkers: (broker, markers, done) => {
      this.sent.push({ broker, markers });
      if (this.isNetworkDown) done(new Error('no connection'));
      else done(markers.map(({ partitions }) => partitions.map(({ topic, partition }): MarkerResult => ({ topic, partition, error: this.answerOf(topic, partition) }))));
    },
  });

  resident(...names: readonly [string, number][]): Resident {
    const transaction: Transaction = { ...newTransaction('t', 9, 1000, 0), producerEpoch: 2, state: 'PrepareCommit', startMs: 3, partitions: partitionsOf(names.map(([topic, partition]) => ({ topic, partition }))) };
    return this.residents.endLoading(this.owner, [transaction])[0]!;
  }

  async settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  async timePasses(): Promise<void> {
    for (const callback of this.timers.splice(0)) callback();
    await this.settled();
  }

  get states(): readonly string[] {
    return this.stored.map(({ state }) => state);
  }
}

describe('a stored outcome', () => {
  it('is told to each leader once, then stored as complete', async () => {
    const world = new World();
    world.completion.complete(world.resident(['a', 0], ['a', 1], ['b', 0]));
    await world.settled();
    expect(world.sent.map(({ broker, markers }) => [broker, markers.map(({ partitions }) => partitions.length)])).to.deep.equal([[1, [1]], [2, [2]]]);
    expect(world.sent[0]!.markers[0]).to.deep.include({ producerId: 9, producerEpoch: 2, coordinatorEpoch: 5, outcome: 'commit' });
    expect(world.states).to.deep.equal(['CompleteCommit']);
    expect(world.stored[0]).to.deep.include({ startMs: 3, updatedMs: 77, partitions: new Map() });
  });

  it('is told again where a marker was not written or the answer was lost, to the leader as then known', async () => {
    const world = new World();
    world.answerOf = (_topic, partition) => (partition === 1 ? 'NOT_LEADER_OR_FOLLOWER' : 'NONE');
    world.completion.complete(world.resident(['a', 0], ['a', 1]));
    await world.settled();
    expect(world.states).to.deep.equal([]);
    world.leaders = { 'a-1': 3 };
    world.isNetworkDown = true;
    await world.timePasses();
    world.isNetworkDown = false;
    world.answerOf = () => 'NONE';
    await world.timePasses();
    expect(world.sent.map(({ broker }) => broker)).to.deep.equal([1, 2, 3, 3]);
    expect(world.states).to.deep.equal(['CompleteCommit']);
  });

  it('waits for a leader, and needs none for a partition that is deleted', async () => {
    const world = new World();
    world.leaders = { 'a-0': 'unknown' };
    world.completion.complete(world.resident(['a', 0], ['gone', 0]));
    await world.timePasses();
    expect([world.sent, world.states]).to.deep.equal([[], []]);
    world.leaders = { 'a-0': 1 };
    await world.timePasses();
    expect(world.states).to.deep.equal(['CompleteCommit']);
  });

  it('is stored as complete at once where no partition is left, and again until the log takes it', async () => {
    const world = new World();
    world.storeError = 'COORDINATOR_NOT_AVAILABLE';
    const resident = world.resident();
    world.completion.complete(resident);
    expect([world.states, resident.entry.pending?.state]).to.deep.equal([[], 'CompleteCommit']);
    world.storeError = 'NONE';
    await world.timePasses();
    expect([world.states, resident.entry.pending, resident.entry.transaction.state]).to.deep.equal([['CompleteCommit'], undefined, 'CompleteCommit']);
  });

  it('is left to the next coordinator when leadership goes', async () => {
    const world = new World();
    world.isNetworkDown = true;
    world.completion.complete(world.resident(['a', 0]));
    await world.settled();
    world.residents.giveUp(0);
    world.isNetworkDown = false;
    await world.timePasses();
    expect([world.sent.length, world.states]).to.deep.equal([1, []]);
  });

  it('is not carried on where a later producer or coordinator has taken over', async () => {
    const world = new World();
    world.answerOf = () => 'TRANSACTION_COORDINATOR_FENCED';
    world.completion.complete(world.resident(['a', 0]));
    await world.settled();
    await world.timePasses();
    expect([world.sent.length, world.states]).to.deep.equal([1, []]);
  });

  it('lets who waits for it go on when it is complete, once', async () => {
    const world = new World();
    world.answerOf = () => 'NOT_LEADER_OR_FOLLOWER';
    const resident = world.resident(['a', 0]);
    world.completion.complete(resident);
    const states: string[] = [];
    world.completion.whenComplete(resident, 20, () => states.push(resident.entry.transaction.state));
    world.answerOf = () => 'NONE';
    expect(states).to.deep.equal([]);
    await world.timePasses();
    await world.timePasses();
    expect(states).to.deep.equal(['CompleteCommit']);
  });

  it('lets who waits for it go on when their patience is over', async () => {
    const world = new World();
    world.isNetworkDown = true;
    const resident = world.resident(['a', 0]);
    world.completion.complete(resident);
    const states: string[] = [];
    world.completion.whenComplete(resident, 20, () => states.push(resident.entry.transaction.state));
    await world.timePasses();
    expect(states).to.deep.equal(['PrepareCommit']);
  });
});
