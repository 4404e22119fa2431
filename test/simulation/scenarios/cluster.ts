import { notConverged } from '../checkers/converged.ts';
import { unequalCompacted } from '../checkers/compacted-replicas.ts';
import { unequalReplicas, wrongFiles } from '../checkers/files.ts';
import { liveCheckers } from '../checkers/live/index.ts';
import { createCluster } from '../cluster/cluster.ts';
import type { ClusterControl } from '../cluster/cluster.ts';
import { observe } from '../cluster/observer.ts';
import { drawSchedule, strikeAll } from '../cluster/schedule.ts';
import { recordWorkloads, workloads } from '../workloads/index.ts';
import type { Workload } from '../workloads/workload.ts';
import { createBrokerMachine } from '../world/broker-machine.ts';
import type { SeededRandom } from '../world/random.ts';
import type { World } from '../world/world.ts';
import type { Outcome, RunOptions, Scenario } from './scenario.ts';

/** A cluster that nothing disturbs any more is well again within this time: sessions end, lag is made up, leaders go home. */
const convergesWithinMs = 120_000;
const shortRunMs = 60_000;
/** Followers of a long run ask less often when there is nothing: most of its events would be that. Checkpoints are as often as Kafka's. */
const unhurried = {
  'replica.fetch.wait.max.ms': '5000',
  'replica.lag.time.max.ms': '15000',
  'replica.high.watermark.checkpoint.interval.ms': '5000',
  'log.flush.offset.checkpoint.interval.ms': '60000',
};

/** Groups and transactions are kept on all three machines. */
const coordinatorProperties = {
  'offsets.topic.replication.factor': '3',
  'offsets.topic.num.partitions': '3',
  'transaction.state.log.replication.factor': '3',
  'transaction.state.log.num.partitions': '3',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '3000',
  'group.initial.rebalance.delay.ms': '500',
};

/** Three brokers under load, with faults one upon the other; then quiet, and all must be well, and nothing lost. */
export const threeBrokers: Scenario = clusterScenario('three-brokers', someOf(workloads));

/** The same without coordinators: for many long runs, of which an hour takes a few seconds. */
export const threeBrokersRecords: Scenario = clusterScenario('three-brokers-records', someOf(recordWorkloads));

/** The same with one workload alone: `--scenario three-brokers-groups`. */
export const threeBrokersEach: readonly Scenario[] = workloads.map((workload) => clusterScenario(`three-brokers-${workload.name}`, () => [workload]));

type Choose = (hasTopicIds: boolean, chance: SeededRandom) => readonly Workload[];

function someOf(all: readonly Workload[]): Choose {
  return (hasTopicIds, chance) => all.filter(({ needsTopicIds }, index) => (chance.oneIn(2) || index === 0) && (hasTopicIds || needsTopicIds !== true));
}

function clusterScenario(name: string, choose: Choose): Scenario {
  return {
    name,
    endsWithinMs: ({ lengthMs = shortRunMs }) => lengthMs + 900_000,
    run: (world, options) => runCluster(world, options, choose),
  };
}

async function runCluster(world: World, options: RunOptions, choose: Choose): Promise<Outcome> {
  const { lengthMs = shortRunMs } = options;
  // Streams of their own: what is left out of a schedule changes nothing else that is drawn.
  const [scheduling, configuring, working] = [world.random.fork(), world.random.fork(), world.random.fork()];
  const losesPower = configuring.oneIn(4);
  const isLong = lengthMs > 10 * shortRunMs;
  const properties: Readonly<Record<string, string>> = { ...brokerProperties(configuring, losesPower), ...(isLong ? unhurried : {}) };
  const machines = [1, 2, 3].map((id) => createBrokerMachine(world, id, properties));
  const cluster = createCluster(world, { machines, losesPower, paceMs: isLong ? 1750 : 150 });
  const gapMs = isLong ? 15_000 : 2000 + scheduling.integer(6000);
  const drawn = drawSchedule(scheduling, { lengthMs, gapMs, machines: machines.length, losesPower });
  const faults = drawn.filter(({ index }) => options.keep === undefined || options.keep.includes(index));
  world.schedule.push(...faults);

  observe(cluster, liveCheckers);
  await cluster.start();
  const hasTopicIds = properties['inter.broker.protocol.version'] !== '2.4';
  const chosen = choose(hasTopicIds, configuring);
  world.tell('simulation', `${losesPower ? 'power may be lost; ' : ''}workloads ${chosen.map(({ name }) => name).join(', ')}; ${faults.length} faults`);
  const prepared = [];
  for (const workload of chosen) prepared.push(await workload.prepare(cluster, working.fork()));
  const work = Promise.all(prepared.map((one) => one.work()));
  cluster.begin('a workload', () => work.then(() => undefined));
  await strikeAll(cluster, faults);
  await world.sleep(Math.max(0, lengthMs - world.timeline.nowMs));
  world.tell('simulation', 'faults are over');
  cluster.endFaults();
  await converge(cluster);
  await work;
  await converge(cluster);
  world.tell('simulation', 'all is well again; reading all');
  for (const one of prepared) await one.finish();
  await converge(cluster);
  for (const text of [...unequalReplicas(machines), ...unequalCompacted(machines)]) cluster.violate(text);
  for (const machine of machines) machine.kill();
  return { histories: cluster.histories, check: async () => (await Promise.all(machines.map(wrongFiles))).flat() };
}

function brokerProperties(random: SeededRandom, losesPower: boolean): Record<string, string> {
  return {
    ...coordinatorProperties,
    'controlled.shutdown.retry.backoff.ms': '1000',
    'leader.imbalance.check.interval.seconds': '10',
    'log.flush.interval.messages': losesPower ? '1' : String([1000, 2 ** 40][random.integer(2)]!),
    'log.flush.offset.checkpoint.interval.ms': '5000',
    'log.initial.task.delay.ms': '2000',
    'log.retention.check.interval.ms': '5000',
    'log.cleaner.backoff.ms': '5000',
    'replica.high.watermark.checkpoint.interval.ms': String([500, 5000][random.integer(2)]!),
    'replica.lag.time.max.ms': String([3000, 10_000][random.integer(2)]!),
    'inter.broker.protocol.version': ['3.9', '2.8', '2.4'][Math.min(2, random.integer(8))]!,
  };
}

async function converge(cluster: ClusterControl): Promise<void> {
  const { world } = cluster;
  const sinceMs = world.timeline.nowMs;
  for (let wrong = notConverged(cluster); wrong.length > 0; wrong = notConverged(cluster)) {
    if (world.timeline.nowMs - sinceMs > convergesWithinMs) {
      cluster.violate(`${convergesWithinMs / 1000} s after the last fault: ${wrong.join('; ')}`);
      return;
    }
    await world.sleep(500);
  }
}
