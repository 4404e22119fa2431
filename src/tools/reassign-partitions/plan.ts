import { PlanObject, checkVersion, parseJson } from '../json-plan.ts';
import type { TopicPartition } from '../topic-partitions.ts';
import { compareTopicPartitions, duplicates, partitionKey, partitionName } from '../topic-partitions.ts';
import { ReassignError } from './errors.ts';

/** A partition and the brokers that hold it, or are to. */
export interface Placement extends TopicPartition {
  readonly replicas: readonly number[];
}

/** A replica and the log directory where it is to be. */
export interface ReplicaPlace extends TopicPartition {
  readonly brokerId: number;
  readonly path: string;
}

export interface Plan {
  /** As the file has them, duplicates included. */
  readonly placements: readonly Placement[];
  readonly moves: readonly ReplicaPlace[];
}

const anyDirectory = 'any';

/**
 * Reads the file of --reassignment-json-file.
 * @param complaint what to say when it is no JSON
 * @throws PlanError, ReassignError
 */
export function parsePlan(text: string, complaint = complaintAbout(text)): Plan {
  const plan = new PlanObject(parseJson(text, complaint));
  checkVersion(plan);
  const placements: Placement[] = [];
  const moves = new Map<string, ReplicaPlace>();
  for (const object of plan.has('partitions') ? plan.objects('partitions') : []) {
    const placement = { topic: object.string('topic'), partition: object.integer('partition'), replicas: object.integers('replicas') };
    const { replicas } = placement;
    const paths = object.has('log_dirs') ? object.strings('log_dirs') : replicas.map(() => anyDirectory);
    if (paths.length !== replicas.length) {
      throw new ReassignError(`Size of replicas list [${replicas.join(', ')}] is different from size of log dirs list [${paths.join(', ')}] for partition ${partitionName(placement)}`);
    }
    placements.push(placement);
    for (const [index, brokerId] of replicas.entries()) {
      const path = paths[index]!;
      const { topic, partition } = placement;
      if (path !== anyDirectory) moves.set(`${brokerId} ${partitionKey(placement)}`, { topic, partition, brokerId, path });
    }
  }
  return { placements, moves: [...moves.values()].toSorted(compareReplicas) };
}

/** Jackson's words for the usual case of a file that is no JSON at all. */
function complaintAbout(text: string): string {
  const [, before = '', token] = /^(\s*)([A-Za-z_$][\w$]*)/.exec(text) ?? [];
  if (token === undefined || ['true', 'false', 'null'].includes(token)) return 'The input string is not a valid JSON';
  const lines = before.split('\n');
  const column = lines.at(-1)!.length + token.length + 1;
  return `Unrecognized token '${token}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); line: ${lines.length}, column: ${column}]`;
}

/** What must hold before a plan is carried out. @throws ReassignError */
export function checkExecutable({ placements }: Plan): void {
  if (placements.length === 0) throw new ReassignError('Partition reassignment list cannot be empty');
  if (placements.some(({ replicas }) => replicas.length === 0)) throw new ReassignError('Partition replica list cannot be empty');
  const twice = duplicates(placements.map(partitionName));
  if (twice.length > 0) throw new ReassignError(`Partition reassignment contains duplicate topic partitions: ${twice.join(',')}`);
  const repeated = placements
    .map((placement) => ({ name: partitionName(placement), brokers: duplicates(placement.replicas) }))
    .filter(({ brokers }) => brokers.length > 0)
    .map(({ name, brokers }) => `${name} contains multiple entries for ${brokers.join(',')}`);
  if (repeated.length > 0) throw new ReassignError(`Partition replica lists may not contain duplicate entries: ${repeated.join('. ')}`);
}

/** Reads the file of --topics-to-move-json-file. @throws PlanError, ReassignError */
export function parseTopics(text: string): string[] {
  const plan = new PlanObject(parseJson(text, 'The input string is not a valid JSON'));
  checkVersion(plan);
  const topics = plan.has('topics') ? plan.objects('topics').map((object) => object.string('topic')) : [];
  const twice = duplicates(topics);
  if (twice.length > 0) throw new ReassignError(`List of topics to reassign contains duplicate entries: [${twice.join(', ')}]`);
  return topics;
}

/** Reads --broker-list. @throws ReassignError */
export function parseBrokerList(text: string): number[] {
  const ids = text.split(',').map((id) => {
    if (!/^[+-]?\d+$/.test(id)) throw new ReassignError(`For input string: "${id}"`);
    return Number(id);
  });
  const twice = duplicates(ids);
  if (twice.length > 0) throw new ReassignError(`Broker list contains duplicate entries: [${twice.join(', ')}]`);
  return ids;
}

/** A plan as the tool prints it and reads it back. */
export function planJson(placements: readonly Placement[]): string {
  const partitions = placements.map(({ topic, partition, replicas }) => ({ topic, partition, replicas, log_dirs: replicas.map(() => anyDirectory) }));
  return JSON.stringify({ version: 1, partitions });
}

export function compareReplicas(a: ReplicaPlace, b: ReplicaPlace): number {
  return a.brokerId - b.brokerId || compareTopicPartitions(a, b);
}

/** TopicPartitionReplica.toString. */
export const replicaName = ({ topic, partition, brokerId }: ReplicaPlace): string => `${topic}-${partition}-${brokerId}`;

