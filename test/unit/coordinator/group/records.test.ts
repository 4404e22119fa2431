import { expect } from 'chai';
import fc from 'fast-check';
import { Group } from '../../../../src/coordinator/group/group.ts';
import { decodeGroup, encodeGroupValue, groupValue } from '../../../../src/coordinator/group/group-value.ts';
import { decodeOffsetValue, encodeOffsetValue } from '../../../../src/coordinator/group/offset-value.ts';
import { decodeRecordKey, encodeGroupKey, encodeOffsetKey } from '../../../../src/coordinator/group/record-keys.ts';
import { subscribedTopics } from '../../../../src/coordinator/group/subscription.ts';
import { isControl, readBatches } from '../../../../src/record/batch.ts';
import { readBatchRecords } from '../../../../src/record/read.ts';
import { goldenLogs } from '../../../golden/logs.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const offsetNumber = fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER });

/** Every record of every __consumer_offsets that a real broker wrote, markers aside. */
const golden = [...goldenLogs()]
  .filter(([name]) => /__consumer_offsets-\d+\/.*\.log$/.test(name))
  .flatMap(([name, file]) => [...readBatches(file)].filter((start) => !isControl(file, start)).flatMap((start) => readBatchRecords(file, start).map((record) => ({ name, record }))));

describe('records of __consumer_offsets', () => {
  it('that real brokers wrote are read, and written again to the byte', () => {
    const kinds = new Set<string>();
    for (const { name, record } of golden) {
      const key = decodeRecordKey(record.key!);
      if (key.kind === 'unknown') throw new Error(`unknown key in ${name}`);
      const again = key.kind === 'group' ? encodeGroupKey(key.group) : encodeOffsetKey(key.group, key.topic, key.partition);
      expect(again.equals(record.key!), `key at ${record.offset} of ${name}`).to.equal(true);
      kinds.add(`${key.kind} ${record.value === null ? 'tombstone' : `v${record.value.readInt16BE(0)}`}`);
      if (record.value === null) continue;
      const version = record.value.readInt16BE(0);
      const value = key.kind === 'group' ? rewritten(decodeGroup(key.group, record.value), version) : encodeOffsetValue(decodeOffsetValue(record.value), version);
      expect(value.equals(record.value), `value at ${record.offset} of ${name}`).to.equal(true);
    }
    expect([...kinds].sort()).to.deep.equal(['group v3', 'offset tombstone', 'offset v3']);
  });

  it('of offsets keep in each version what the version has', () => {
    const value = fc.record({ offset: offsetNumber, leaderEpoch: fc.integer({ min: -1, max: 0x7fffffff }), metadata: text, commitTimestampMs: offsetNumber, expireTimestampMs: fc.constant(-1) });
    fc.assert(fc.property(value, fc.nat(4), (one, version) => {
      const read = decodeOffsetValue(encodeOffsetValue(one, version));
      expect(read).to.deep.equal({ ...one, leaderEpoch: version >= 3 ? one.leaderEpoch : -1 });
    }));
  });

  it('of offsets with a time of their own to expire are of version 1', () => {
    const value = { offset: 5, leaderEpoch: -1, metadata: 'm', commitTimestampMs: 10, expireTimestampMs: 20 };
    const bytes = encodeOffsetValue(value, 3);
    expect(bytes.readInt16BE(0)).to.equal(1);
    expect(decodeOffsetValue(bytes)).to.deep.equal(value);
  });

  it('of groups keep in each version what the version has', () => {
    const member = fc.record({ id: text, instanceId: fc.option(text), clientId: text, clientHost: text, rebalanceTimeoutMs: fc.nat(), sessionTimeoutMs: fc.nat(), metadata: fc.uint8Array({ maxLength: 9 }), assignment: fc.uint8Array({ maxLength: 9 }) });
    const members = fc.uniqueArray(member, { selector: ({ id }) => id, maxLength: 4 });
    fc.assert(fc.property(members, fc.nat(), offsetNumber, fc.nat(4), (some, generation, sinceMs, version) => {
      const group = new Group('g', sinceMs === -1 ? undefined : sinceMs);
      group.protocolType = 'consumer';
      group.protocolName = some.length === 0 ? null : 'range';
      group.generation = generation;
      for (const { metadata, assignment, ...one } of some) {
        group.add({ ...one, protocols: [{ name: 'range', metadata: Buffer.from(metadata) }], assignment: Buffer.from(assignment), joinAnswer: undefined, syncAnswer: undefined, isNew: false, deadlineMs: 0 }, undefined);
      }
      const value = groupValue(group, assignmentsOf(group));
      const read = decodeGroup('g', encodeGroupValue(value, version));
      expect(groupValue(read, assignmentsOf(read))).to.deep.equal({
        ...value,
        currentStateTimestamp: version >= 2 ? value.currentStateTimestamp : -1,
        members: value.members!.map((one) => ({ ...one, groupInstanceId: version >= 3 ? one.groupInstanceId : null, rebalanceTimeout: version >= 1 ? one.rebalanceTimeout : one.sessionTimeout })),
      });
      expect(read.state).to.equal(some.length === 0 ? 'Empty' : 'Stable');
    }));
  });

  it('of keys are told apart by their version', () => {
    fc.assert(fc.property(text, text, fc.nat(), (group, topic, partition) => {
      expect(decodeRecordKey(encodeOffsetKey(group, topic, partition))).to.deep.equal({ kind: 'offset', version: 1, group, topic, partition });
      expect(decodeRecordKey(encodeGroupKey(group))).to.deep.equal({ kind: 'group', version: 2, group });
    }));
    expect(decodeRecordKey(Buffer.from([0, 3, 1, 2]))).to.deep.equal({ kind: 'unknown', version: 3 });
  });

  it('cut short or of random bytes are refused, and nothing else happens', () => {
    const readers = [(bytes: Buffer) => decodeRecordKey(bytes), (bytes: Buffer) => decodeOffsetValue(bytes), (bytes: Buffer) => decodeGroup('g', bytes)];
    const refused = (bytes: Buffer, read: (bytes: Buffer) => unknown): void => {
      try {
        read(bytes);
      } catch (error) {
        expect((error as Error).name).to.be.oneOf(['MalformedMessage', 'UNSUPPORTED_VERSION']);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => readers.forEach((read) => refused(Buffer.from(bytes), read))));
    for (const { record } of golden.slice(0, 20)) {
      for (let end = 0; end < (record.value?.length ?? 0); end++) readers.forEach((read) => refused(Buffer.from(record.value!.subarray(0, end)), read));
    }
  });
});

describe('subscriptions of consumers', () => {
  it('of every version are read by what all have in common', () => {
    const version3 = Buffer.from('00030000000200027431000774786e2d6f757400000004ffffffff00000000ffffffffffff', 'hex');
    expect([...subscribedTopics([version3])!]).to.deep.equal(['t1', 'txn-out']);
    expect([...subscribedTopics([])!]).to.deep.equal([]);
  });

  it('that are none leave it unknown what is read', () => {
    for (const bytes of ['', '00', '0000', '0000ffffffff', '00000000000500016100']) expect(subscribedTopics([Buffer.from(bytes, 'hex')]), bytes).to.equal(undefined);
  });
});

const assignmentsOf = (group: Group): Map<string, Buffer> => new Map(Array.from(group.members.values(), ({ id, assignment }) => [id, assignment]));
const rewritten = (group: Group, version: number): Buffer => encodeGroupValue(groupValue(group, assignmentsOf(group)), version);
