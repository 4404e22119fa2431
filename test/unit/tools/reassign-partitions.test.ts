import { expect } from 'chai';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { LogDirMove, PartitionOutcome } from '../../../src/client/admin-partition-types.ts';
import type { Admin, Reassignment } from '../../../src/client/admin-types.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';
import { parseOptions } from '../../../src/tools/options.ts';
import { clusterReassignService } from '../../../src/tools/reassign-partitions/cluster-service.ts';
import type { ReassignAction } from '../../../src/tools/reassign-partitions/options.ts';
import { reassignOptions } from '../../../src/tools/reassign-partitions/options.ts';
import { checkExecutable, parseBrokerList, parsePlan, parseTopics } from '../../../src/tools/reassign-partitions/plan.ts';
import { partitionReportOf24, replicaReport } from '../../../src/tools/reassign-partitions/status.ts';
import { movesOf, replicaThrottles } from '../../../src/tools/reassign-partitions/throttles.ts';
import { memoryTerminal } from './memory-terminal.ts';

const big = '{"version":1,"partitions":[{"topic":"big","partition":1,"replicas":[2]},{"topic":"big","partition":0,"replicas":[1]}]}';
const underWay: readonly Reassignment[] = [
  { topic: 'big', partition: 1, replicas: [2, 1], addingReplicas: [2], removingReplicas: [1] },
  { topic: 'big', partition: 0, replicas: [1, 0], addingReplicas: [1], removingReplicas: [0] },
];

interface Call {
  readonly name: string;
  readonly value: unknown;
}

/** A cluster of brokers 0 to 2 with the topic `big`, which remembers what it was told. */
function fakeCluster(reassignments: readonly Reassignment[], calls: Call[]): Admin {
  const done = (name: string, value: unknown): void => void calls.push({ name, value });
  const partitions = [[0], [1]].map((replicas, partition) => ({ partition, leaderId: 0, leaderEpoch: 0, replicas, isr: replicas, offlineReplicas: [] }));
  const known: Partial<Admin> = {
    describeCluster: async () => ({ clusterId: 'c', controllerId: 0, nodes: [0, 1, 2].map((id) => ({ id, host: 'h', port: 1, rack: null })) }),
    describeTopics: async (names) => names.map((name) => ({ name, topic: { name, topicId: undefined, isInternal: false, partitions }, error: undefined })),
    listPartitionReassignments: async () => [...reassignments],
    describeLogDirs: async () => [],
    alterPartitionReassignments: async (changes) => {
      done('reassign', changes);
      return changes.map(({ topic, partition }): PartitionOutcome => ({ topic, partition, error: undefined }));
    },
    alterReplicaLogDirs: async (moves: readonly LogDirMove[]) => moves.map((move) => ({ ...move, error: undefined })),
    incrementalAlterConfigs: async (changes) => {
      done('configs', changes);
      return changes.map(({ type, name }) => ({ type, name, error: undefined }));
    },
  };
  return known as Admin;
}

async function run(action: ReassignAction, args: readonly string[], reassignments: readonly Reassignment[], plan = big): Promise<{ out: string; calls: Call[] }> {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-plan-')), 'plan.json');
  fs.writeFileSync(file, plan);
  const terminal = memoryTerminal();
  const calls: Call[] = [];
  const options = parseOptions(reassignOptions, ['--reassignment-json-file', file, ...args]);
  try {
    await clusterReassignService(fakeCluster(reassignments, calls), options, terminal, nodeClock, nodeRandom)[action]();
  } finally {
    fs.rmSync(path.dirname(file), { recursive: true });
  }
  return { out: terminal.outText, calls };
}

describe('kafka-reassign-partitions', () => {
  it('--list shows what is under way', async () => {
    expect((await run('list', [], underWay)).out).to.equal(
      'Current partition reassignments:\nbig-0: replicas: 1,0. adding: 1. removing: 0.\nbig-1: replicas: 2,1. adding: 2. removing: 1.\n',
    );
    expect((await run('list', [], [])).out).to.equal('No partition reassignments found.\n');
  });

  it('--verify leaves the throttles while anything is under way', async () => {
    const { out, calls } = await run('verify', [], underWay);
    expect(out).to.equal('Status of partition reassignment:\nReassignment of partition big-0 is still in progress.\nReassignment of partition big-1 is still in progress.\n\n');
    expect(calls).to.deep.equal([]);
  });

  it('--verify clears the throttles of all brokers when nothing is', async () => {
    const { out, calls } = await run('verify', [], []);
    expect(out).to.equal(
      'Status of partition reassignment:\nThere is no active reassignment of partition big-0, but replica set is 0 rather than 1.\nThere is no active reassignment of partition big-1, but replica set is 1 rather than 2.\n\nClearing broker-level throttles on brokers 0,1,2\nClearing topic-level throttles on topic big\n',
    );
    expect(calls.map(({ name }) => name)).to.deep.equal(['configs', 'configs']);
  });

  it('--execute sets the throttles, then starts', async () => {
    const { out, calls } = await run('execute', ['--throttle', '2000'], []);
    expect(out).to.equal(
      'Current partition replica assignment\n\n{"version":1,"partitions":[{"topic":"big","partition":0,"replicas":[0],"log_dirs":["any"]},{"topic":"big","partition":1,"replicas":[1],"log_dirs":["any"]}]}\n\nSave this to use as the --reassignment-json-file option during rollback\nWarning: You must run --verify periodically, until the reassignment completes, to ensure the throttle is removed.\nThe inter-broker throttle limit was set to 2000 B/s\nSuccessfully started partition reassignments for big-0,big-1\n',
    );
    expect(calls.map(({ name }) => name)).to.deep.equal(['configs', 'configs', 'reassign']);
  });

  it('--execute waits its turn, unless --additional', async () => {
    const failure: unknown = await run('execute', [], underWay).catch((error: unknown) => error);
    expect((failure as Error).message).to.match(/^Cannot execute because there is an existing partition assignment\. {2}Use --additional/);
    expect((await run('execute', ['--additional'], underWay)).out).to.match(/Successfully started partition reassignments for big-0,big-1\n$/);
  });

  it('--cancel takes back what is under way', async () => {
    const { out, calls } = await run('cancel', ['--preserve-throttles'], underWay.slice(1));
    expect(out).to.equal('Successfully cancelled partition reassignment for: big-0\nNone of the specified partition moves are active.');
    expect(calls).to.deep.equal([{ name: 'reassign', value: [{ topic: 'big', partition: 0, replicas: undefined }] }]);
  });

  it('--execute moves between log directories, with the trailing blank of the real tool', async () => {
    const { out } = await run('execute', [], [], '{"partitions":[{"topic":"big","partition":0,"replicas":[1],"log_dirs":["/d2"]}]}');
    expect(out).to.match(/Successfully started partition reassignment for big-0\nSuccessfully started moving log directory to \/d2 for replica big-0 with broker 1 \n$/);
  });
});

describe('a plan of kafka-reassign-partitions', () => {
  const of = (...partitions: object[]): string => JSON.stringify({ version: 1, partitions });
  for (const [text, complaint] of [
    ['not json', "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 4]"],
    [of(), 'Partition reassignment list cannot be empty'],
    [of({ topic: 'ra', partition: 0, replicas: [] }), 'Partition replica list cannot be empty'],
    [of({ topic: 'ra', partition: 0, replicas: [1] }, { topic: 'ra', partition: 0, replicas: [2] }), 'Partition reassignment contains duplicate topic partitions: ra-0'],
    [of({ topic: 'ra', partition: 0, replicas: [1, 1] }), 'Partition replica lists may not contain duplicate entries: ra-0 contains multiple entries for 1'],
    [of({ topic: 'ra', partition: 2, replicas: [0], log_dirs: ['/a', '/b'] }), 'Size of replicas list [0] is different from size of log dirs list [/a, /b] for partition ra-2'],
    ['{"version":9}', 'Not supported version field value 9'],
  ] as const) {
    it(`is refused: ${text}`, () => {
      expect(() => checkExecutable(parsePlan(text))).to.throw(complaint);
    });
  }

  it('is refused where topics or brokers stand twice', () => {
    expect(() => parseTopics('{"topics":[{"topic":"ra"},{"topic":"ra"}]}')).to.throw('List of topics to reassign contains duplicate entries: [ra]');
    expect(() => parseBrokerList('1,1')).to.throw('Broker list contains duplicate entries: [1]');
    expect(() => parseBrokerList('0,x')).to.throw('For input string: "x"');
  });

  it('throttles replicas where data comes from and where it goes, those under way included', () => {
    const moves = movesOf([{ topic: 'a', partition: 3, replicas: [4, 5], addingReplicas: [4] }], [{ topic: 'a', partition: 0, replicas: [2, 3] }], [{ topic: 'a', partition: 0, replicas: [1, 2] }]);
    expect(replicaThrottles(moves)).to.deep.equal([
      {
        type: 'topic',
        name: 'a',
        changes: [
          { name: 'leader.replication.throttled.replicas', operation: 'set', value: '0:1,0:2,3:5' },
          { name: 'follower.replication.throttled.replicas', operation: 'set', value: '0:3,3:4' },
        ],
      },
    ]);
  });

  it('is reported replica by replica', () => {
    const place = { topic: 'ra', partition: 2, brokerId: 2, path: '/d2' };
    expect(replicaReport([
      { ...place, currentPath: '/d2', futurePath: undefined },
      { ...place, currentPath: '/d1', futurePath: '/d2' },
      { ...place, currentPath: '/d1', futurePath: '/d3' },
      { ...place, currentPath: '/d1', futurePath: undefined },
      { ...place, currentPath: undefined, futurePath: undefined },
    ]).split('\n')).to.deep.equal([
      'Reassignment of replica ra-2-2 completed successfully.',
      'Reassignment of replica ra-2-2 is still in progress.',
      'Partition ra-2 on broker 2 is being moved to log dir /d3 instead of /d2.',
      'Partition ra-2 on broker 2 is not being moved from log dir /d1 to /d2.',
      'Partition ra-2 is not found in any live log dir on broker 2. There is likely an offline log directory on the broker.',
    ]);
  });

  it('is reported as 2.4 does', () => {
    expect(partitionReportOf24([{ topic: 'ra', partition: 0, replicas: [0], current: [0], isMoving: false }])).to.equal('Status of partition reassignment: \nReassignment of partition ra-0 completed successfully');
  });
});
