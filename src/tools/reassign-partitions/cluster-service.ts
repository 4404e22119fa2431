import type { Admin } from '../../client/admin-types.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Random } from '../../runtime/random.ts';
import { javaHashCode, javaHashOrder } from '../../client/java-hash-order.ts';
import { readPlanFile } from '../json-plan.ts';
import type { ParsedOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { compareTopicPartitions, partitionName } from '../topic-partitions.ts';
import { changeConfigs, concernedBrokers, partitionStates, placementsOfPlan, placementsOfTopics, replicaStatesOf, throttleLogDirs, throttleMoves, unknownBrokers } from './cluster-state.ts';
import { ReassignError, TerseError } from './errors.ts';
import { startMoves } from './log-dir-moves.ts';
import type { ReassignAction } from './options.ts';
import type { Placement, Plan } from './plan.ts';
import { checkExecutable, parseBrokerList, parsePlan, parseTopics, planJson } from './plan.ts';
import { assignableBrokers, proposalText, proposedPlacements, rollbackText } from './proposal.ts';
import { isMovingReplica, listReport, partitionReport, replicaReport } from './status.ts';
import { movesOf, withoutBrokerRates, withoutReplicaThrottles } from './throttles.ts';

const busy =
  'Cannot execute because there is an existing partition assignment.  Use --additional to override this and create a new partition assignment in addition to the existing one. The --additional flag can also be used to change the throttle by resubmitting the current reassignment.';
const remember = 'Warning: You must run --verify periodically, until the reassignment completes, to ensure the throttle is removed.';

/** kafka-reassign-partitions through the brokers, printed as 3.9 prints it. */
export type ReassignService = Readonly<Record<ReassignAction, () => Promise<void>>>;

export function clusterReassignService(admin: Admin, options: ParsedOptions, terminal: Terminal, clock: Clock, random: Random): ReassignService {
  const print = (text: string): void => terminal.out(`${text}\n`);
  const plan = (): Plan => parsePlan(readPlanFile(terminal, options.value('reassignment-json-file') ?? ''));

  async function generate(): Promise<void> {
    const text = readPlanFile(terminal, options.value('topics-to-move-json-file') ?? '');
    const brokerIds = parseBrokerList(options.value('broker-list') ?? '');
    const current = await placementsOfTopics(admin, parseTopics(text));
    const brokers = assignableBrokers((await admin.describeCluster()).nodes, brokerIds, !options.has('disable-rack-aware'));
    const proposed = proposedPlacements(current, brokers, random);
    terminal.out(proposalText(planJson(current), planJson(proposed)));
  }

  async function execute(): Promise<void> {
    const text = readPlanFile(terminal, options.value('reassignment-json-file') ?? '');
    const rate = options.number('throttle') ?? -1;
    const logDirRate = options.number('replica-alter-log-dirs-throttle') ?? -1;
    const timeoutMs = options.number('timeout') ?? 0;
    const { placements, moves } = checkedPlan(text);
    const ongoing = await admin.listPartitionReassignments();
    if (ongoing.length > 0 && !options.has('additional')) throw new TerseError(busy);
    const [unknown] = await unknownBrokers(admin, placements);
    if (unknown !== undefined) throw new ReassignError(`Unknown broker id ${unknown}`);
    const current = await placementsOfPlan(admin, placements);
    print(rollbackText(planJson(current)));
    if (rate >= 0 || logDirRate >= 0) print(remember);
    if (rate >= 0) print(await throttleMoves(admin, movesOf(ongoing, placements, current), rate));
    if (logDirRate >= 0) print(await throttleLogDirs(admin, moves, logDirRate));
    await start(placements);
    await startMoves(admin, moves, timeoutMs, clock, print);
  }

  function checkedPlan(text: string): Plan {
    const read = parsePlan(text);
    checkExecutable(read);
    return { ...read, placements: read.placements.toSorted(compareTopicPartitions) };
  }

  async function start(placements: readonly Placement[]): Promise<void> {
    const failures = failuresOf(await admin.alterPartitionReassignments(placements));
    if (failures.length > 0) throw new TerseError(`Error reassigning partition(s):\n${failures.join('\n')}`);
    print(`Successfully started partition reassignment${placements.length === 1 ? '' : 's'} for ${placements.map(partitionName).join(',')}`);
  }

  async function verify(): Promise<void> {
    const { placements, moves } = plan();
    const { states, isAnyMoving } = await partitionStates(admin, placements);
    print(partitionReport(states));
    const replicas = await replicaStatesOf(admin, moves);
    print(replicaReport(replicas));
    if (!isAnyMoving && !replicas.some(isMovingReplica) && !options.has('preserve-throttles')) await clearThrottles(placements);
  }

  async function cancel(): Promise<void> {
    const { placements, moves } = plan();
    // 3.9 passes over partitions that only gain replicas; they are cancelled here.
    const ongoing = (await admin.listPartitionReassignments(placements)).toSorted(compareTopicPartitions);
    if (ongoing.length === 0) print('None of the specified partition reassignments are active.');
    else {
      const failures = failuresOf(await admin.alterPartitionReassignments(ongoing.map(({ topic, partition }) => ({ topic, partition, replicas: undefined }))));
      if (failures.length > 0) throw new TerseError(`Error cancelling partition reassignment${failures.length === 1 ? '' : 's'} for:\n${failures.join('\n')}`);
      print(`Successfully cancelled partition reassignment${ongoing.length === 1 ? '' : 's'} for: ${ongoing.map(partitionName).join(',')}`);
    }
    const back = (await replicaStatesOf(admin, moves)).flatMap((state) => (isMovingReplica(state) ? [{ ...state, path: state.currentPath! }] : []));
    if (back.length === 0) terminal.out('None of the specified partition moves are active.');
    else await startMoves(admin, back, options.number('timeout') ?? 0, clock, print);
    if (!options.has('preserve-throttles')) await clearThrottles(placements);
  }

  async function clearThrottles(placements: readonly Placement[]): Promise<void> {
    const brokerIds = await concernedBrokers(admin, placements);
    print(`Clearing broker-level throttles on broker${brokerIds.length === 1 ? '' : 's'} ${brokerIds.join(',')}`);
    await changeConfigs(admin, withoutBrokerRates(brokerIds));
    const topics = javaHashOrder([...new Set(placements.map(({ topic }) => topic))], javaHashCode);
    print(`Clearing topic-level throttles on topic${topics.length === 1 ? '' : 's'} ${topics.join(',')}`);
    await changeConfigs(admin, withoutReplicaThrottles(topics));
  }

  return { generate, execute, verify, cancel, list: async () => print(listReport(await admin.listPartitionReassignments())) };
}

/** `topic-0: why` of each that failed. */
function failuresOf(outcomes: Awaited<ReturnType<Admin['alterPartitionReassignments']>>): string[] {
  return outcomes
    .filter(({ error }) => error !== undefined)
    .toSorted(compareTopicPartitions)
    .map((outcome) => `${partitionName(outcome)}: ${outcome.error?.message}`);
}
