import { expect } from 'chai';
import fc from 'fast-check';
import fs from 'node:fs';
import path from 'node:path';
import type { MemberSubscription } from '../../../../src/client/group/assignor.ts';
import { assignors } from '../../../../src/client/group/assignors.ts';
import { decodeOwned, encodeOwned } from '../../../../src/client/group/sticky-user-data.ts';
import { javaHashCode, javaHashOrder } from '../../../../src/client/java-hash-order.ts';

/** One call of an assignor of Apache Kafka 3.9.1, with what it answered. */
interface Golden {
  readonly assignor: keyof typeof assignors;
  /** Racks of each partition's replicas. */
  readonly topics: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly members: readonly {
    readonly id: string;
    readonly instance?: string;
    readonly rack?: string;
    readonly topics: readonly string[];
    readonly owned: readonly (readonly [string, number])[];
    /** -1: it had no assignment before. */
    readonly generation: number;
  }[];
  /** Subscriptions of version 1: generation and rack are not in them. */
  readonly old?: boolean;
  readonly assignment: Readonly<Record<string, readonly string[]>>;
  /** Hexadecimal. */
  readonly userData: Readonly<Record<string, string | null>>;
}

const golden = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../../../golden/assignors.json'), 'utf8')) as readonly Golden[];

/** Assignors that see what members own now; the others have given it up by then. */
const isCooperative = (name: string): boolean => name === 'cooperative-sticky';

function subscriptions({ assignor: name, members, old = false }: Golden): MemberSubscription[] {
  return members.map(({ id, instance, rack, topics, owned, generation }) => {
    const partitions = owned.map(([topic, partition]) => ({ topic, partition }));
    const sorted = partitions.toSorted((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition));
    return {
      memberId: id,
      groupInstanceId: instance,
      topics,
      userData: assignors[name].userData(generation < 0 ? undefined : { generationId: generation, partitions }),
      ownedPartitions: isCooperative(name) ? sorted : [],
      generationId: old || generation < 0 ? undefined : generation,
      rackId: old ? undefined : rack,
    };
  });
}

describe('assignors of consumer groups', () => {
  for (const [index, run] of golden.entries()) {
    it(`${run.assignor} decides as Kafka's own, case ${index}: ${run.members.length} members, ${Object.keys(run.topics).length} topics`, () => {
      const members = subscriptions(run);
      expect(Object.fromEntries(members.map(({ memberId, userData }) => [memberId, userData?.toString('hex') ?? null]))).to.deep.equal(run.userData);
      const wanted = new Set(javaHashOrder(members, ({ memberId }) => javaHashCode(memberId)).flatMap(({ topics }) => topics));
      const topics = new Map(javaHashOrder([...wanted].filter((topic) => Object.hasOwn(run.topics, topic)), javaHashCode).map((topic) => [topic, run.topics[topic]!]));
      const assignment = assignors[run.assignor].assign(topics, members);
      expect(Object.fromEntries([...assignment].map(([memberId, partitions]) => [memberId, partitions.map(({ topic, partition }) => `${topic}-${partition}`)]))).to.deep.equal(run.assignment);
    });
  }

  it('give each partition to one member that wants it, and as evenly as the subscriptions allow', () => {
    const place = fc.record({ topic: fc.constantFrom('a', 'b', 'c'), partition: fc.nat(4) });
    const member = fc.record({ topics: fc.subarray(['a', 'b', 'c']), owned: fc.array(place, { maxLength: 4 }), generation: fc.nat(2) });
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(assignors)), fc.array(member, { minLength: 1, maxLength: 6 }), (assignor, chosen) => {
        const topics = new Map(['a', 'b', 'c'].filter((topic) => chosen.some((one) => one.topics.includes(topic))).map((topic) => [topic, [[], [], [], []] as string[][]]));
        const members = chosen.map(({ topics: its, owned, generation }, index): MemberSubscription => ({
          memberId: `m${index}`,
          groupInstanceId: undefined,
          topics: its,
          userData: assignor.userData({ generationId: generation, partitions: owned }),
          ownedPartitions: isCooperative(assignor.name) ? owned : [],
          generationId: generation,
          rackId: undefined,
        }));
        const given = [...assignor.assign(topics, members)].flatMap(([memberId, partitions]) => partitions.map((partition) => ({ memberId, ...partition })));
        const keys = given.map(({ topic, partition }) => `${topic}-${partition}`);
        expect(new Set(keys).size).to.equal(keys.length);
        if (!isCooperative(assignor.name)) expect(keys.length).to.equal(topics.size * 4);
        for (const { memberId, topic } of given) expect(members.find((one) => one.memberId === memberId)?.topics).to.include(topic);
      }),
    );
  });
});

describe('user data of the sticky assignor', () => {
  const owned = { generationId: 7, partitions: [{ topic: 't', partition: 0 }, { topic: 'u', partition: 3 }] };

  it('is read back', () => {
    expect(decodeOwned(encodeOwned(owned))).to.deep.equal(owned);
  });

  it('of any other kind counts as nothing owned', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void decodeOwned(Buffer.from(bytes))));
    expect(decodeOwned(encodeOwned(owned).subarray(0, 9))).to.deep.equal({ partitions: [], generationId: -1 });
  });
});
