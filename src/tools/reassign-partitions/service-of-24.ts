import type { Admin } from '../../client/admin-types.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Random } from '../../runtime/random.ts';
import { readPlanFile } from '../json-plan.ts';
import type { ParsedOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { partitionKey, partitionName } from '../topic-partitions.ts';
import type { ReassignService } from './cluster-service.ts';
import { changeConfigs, concernedBrokers, partitionStates, placementsOfTopics, replicaStatesOf, throttleLogDirs, throttleMoves, unknownBrokers } from './cluster-state.ts';
import { ReassignError } from './errors.ts';
import { startMoves } from './log-dir-moves.ts';
import type { Placement, Plan } from './plan.ts';
import { checkExecutable, parseBrokerList, parsePlan, parseTopics, planJson } from './plan.ts';
import { assignableBrokers, proposalText, proposedPlacements, rollbackText } from './proposal.ts';
import { isMovingReplica, partitionReportOf24, replicaReport } from './status.ts';
import { movesOf, withoutBrokerRates, withoutReplicaThrottles } from './throttles.ts';

const remember =
  'Warning: You must run Verify periodically, until the reassignment completes, to ensure the throttle is removed. You can also alter the throttle by rerunning the Execute command passing a new value.';

/**
 * --zookeeper: what 2.4 did and printed. ZooKeeper only tells where the brokers are; the work goes through their
 * controller, as a plan written to /admin/reassign_partitions would.
 */
export function reassignServiceOf24(admin: Admin, options: ParsedOptions, terminal: Terminal, clock: Clock, random: Random): Pick<ReassignService, 'generate' | 'execute' | 'verify'> {
  const print = (text: string): void => terminal.out(`${text}\n`);
  const plan = (): Plan => parsePlan(readPlanFile(terminal, options.value('reassignment-json-file') ?? ''), 'The input string is not a valid JSON');

  /** Topics that do not exist are passed over. */
  async function existing(topics: readonly string[]): Promise<Placement[]> {
    const known = new Set((await admin.listTopics()).map(({ name }) => name));
    return placementsOfTopics(admin, topics.filter((topic) => known.has(topic)));
  }

  async function generate(): Promise<void> {
    const wanted = parseBrokerList(options.value('broker-list') ?? '');
    const current = await existing(parseTopics(readPlanFile(terminal, options.value('topics-to-move-json-file') ?? '')));
    const brokers = assignableBrokers((await admin.describeCluster()).nodes, wanted, !options.has('disable-rack-aware'));
    terminal.out(proposalText(planJson(current), planJson(proposedPlacements(current, brokers, random))));
  }

  async function execute(): Promise<void> {
    const { placements, moves } = plan();
    if (placements.length === 0) throw new ReassignError('Partition reassignment data file is empty');
    checkExecutable({ placements, moves });
    const current = await existing(placements.map(({ topic }) => topic));
    await checkExists(placements, current);
    const ongoing = await admin.listPartitionReassignments();
    const throttle = async (): Promise<void> => {
      const rate = options.number('throttle') ?? -1;
      const logDirRate = options.number('replica-alter-log-dirs-throttle') ?? -1;
      if (rate >= 0) print(await throttleMoves(admin, movesOf(ongoing, placements, current), rate));
      if (logDirRate >= 0) print(await throttleLogDirs(admin, moves, logDirRate));
    };
    if (ongoing.length > 0) {
      print('There is an existing assignment running.');
      await throttle();
      return;
    }
    print(rollbackText(planJson(current)));
    if (['throttle', 'replica-alter-log-dirs-throttle'].some((name) => (options.number(name) ?? -1) >= 0)) print(remember);
    await throttle();
    await start(placements, moves);
  }

  async function checkExists(placements: readonly Placement[], current: readonly Placement[]): Promise<void> {
    const present = new Set(current.map(partitionKey));
    const missing = placements.filter((placement) => !present.has(partitionKey(placement))).map(partitionName);
    // The name of the list's class is Kafka's.
    if (missing.length > 0) throw new ReassignError(`The proposed assignment contains non-existent partitions: ListBuffer(${missing.join(', ')})`);
    const unknown = new Set(await unknownBrokers(admin, placements));
    const named = [...new Set(placements.flatMap(({ replicas }) => replicas))].filter((id) => unknown.has(id));
    if (named.length > 0) throw new ReassignError(`The proposed assignment contains non-existent brokerIDs: ${named.join(',')}`);
  }

  async function start(placements: readonly Placement[], moves: Plan['moves']): Promise<void> {
    if (moves.length > 0 && !options.has('bootstrap-server')) {
      throw new ReassignError('bootstrap-server needs to be provided in order to reassign replica to the specified log directory');
    }
    const failure = (await admin.alterPartitionReassignments(placements)).find(({ error }) => error !== undefined);
    if (failure?.error !== undefined) throw failure.error;
    await startMoves(admin, moves, options.number('timeout') ?? 0, clock, print);
    print('Successfully started reassignment of partitions.');
  }

  async function verify(): Promise<void> {
    const { placements, moves } = plan();
    const { states } = await partitionStates(admin, placements);
    print(partitionReportOf24(states));
    const replicas = await replicaStatesOf(admin, moves);
    if (replicas.length > 0) print(replicaReport(replicas));
    const isDone = !states.some(({ isMoving }) => isMoving) && !replicas.some(isMovingReplica);
    if (isDone && !options.has('preserve-throttles')) await removeThrottles(placements);
  }

  /** Says so only when there were any. */
  async function removeThrottles(placements: readonly Placement[]): Promise<void> {
    const live = new Set((await admin.describeCluster()).nodes.map(({ id }) => id));
    const brokerIds = (await concernedBrokers(admin, placements)).filter((id) => live.has(id));
    const topics = [...new Set((await existing(placements.map(({ topic }) => topic))).map(({ topic }) => topic))];
    const changes = [...withoutBrokerRates(brokerIds), ...withoutReplicaThrottles(topics)];
    const removed = new Set(changes.flatMap((resource) => resource.changes.map(({ name }) => name)));
    const descriptions = await admin.describeConfigs(changes.map(({ type, name }) => ({ type, name })));
    const isThrottled = descriptions.some(({ entries }) => entries.some(({ name, source }) => removed.has(name) && (source === 'DYNAMIC_BROKER_CONFIG' || source === 'DYNAMIC_TOPIC_CONFIG')));
    if (!isThrottled) return;
    await changeConfigs(admin, changes);
    print('Throttle was removed.');
  }

  return { generate, execute, verify };
}
