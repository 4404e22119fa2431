import { KafkaError, errorByCode } from '../../protocol/errors.ts';
import { joinGroupRequest, joinGroupResponse } from '../../protocol/messages/join-group.ts';
import type { JoinGroupResponse } from '../../protocol/messages/join-group.ts';
import { syncGroupRequest, syncGroupResponse } from '../../protocol/messages/sync-group.ts';
import type { Cluster } from '../cluster.ts';
import { consumerProtocolType } from './consumer-protocol.ts';
import type { Coordinator } from './coordinator.ts';
import type { MembershipView } from './group-offsets.ts';
import type { GroupSettings } from './group-options.ts';
import type { MembershipEffect } from './membership.ts';

/** The answer to JoinGroup may come as late as the slowest member; this much later it is lost. */
const joinLapseMs = 5000;

export interface JoinParts {
  /** Name and metadata of each assignor. */
  protocols(): { readonly name: string; readonly metadata: Buffer }[];
  /** A generation is there: heartbeats begin. */
  joined(): void;
  /** The leader's part. @throws KafkaError, MalformedMessage */
  assign(response: JoinGroupResponse): Promise<{ readonly memberId: string; readonly assignment: Buffer }[]>;
}

export type JoinOutcome =
  | { readonly kind: 'assigned'; readonly assignment: Buffer }
  | { readonly kind: 'again'; readonly isDelayed: boolean }
  | { readonly kind: 'failed'; readonly error: KafkaError };

/** One round of JoinGroup and SyncGroup. Never rejects. */
export async function joinOnce(cluster: Cluster, coordinator: Coordinator, settings: GroupSettings, view: MembershipView, parts: JoinParts): Promise<JoinOutcome> {
  view.feed({ kind: 'join-sent' });
  try {
    const [response, effects] = await join(cluster, coordinator, settings, view, parts.protocols());
    if (!effects.some(({ kind }) => kind === 'synchronise')) return outcomeOf(effects, response.errorCode === 0 ? undefined : joinFailure(settings.groupId, response));
    parts.joined();
    const isLeader = response.leader === response.memberId;
    return await synchronise(cluster, coordinator, settings, view, isLeader ? await parts.assign(response) : []);
  } catch (error) {
    const failure = error instanceof KafkaError ? error : new KafkaError('UNKNOWN_SERVER_ERROR', `the group cannot be joined: ${(error as Error).message}`, { cause: error });
    return outcomeOf(view.feed({ kind: 'join-failed', error: failure.name }), failure);
  }
}

async function join(cluster: Cluster, coordinator: Coordinator, settings: GroupSettings, view: MembershipView, protocols: { name: string; metadata: Buffer }[]): Promise<readonly [JoinGroupResponse, readonly MembershipEffect[]]> {
  const { groupId, groupInstanceId, sessionTimeoutMs, maxPollIntervalMs } = settings;
  const { generation: sent, rejoinReason } = view.membership;
  const timeoutMs = Math.min(Math.max(cluster.settings.requestTimeoutMs, maxPollIntervalMs + joinLapseMs), 0x7fffffff);
  const request = {
    groupId,
    sessionTimeoutMs,
    rebalanceTimeoutMs: maxPollIntervalMs,
    memberId: sent.memberId,
    ...(groupInstanceId === undefined ? {} : { groupInstanceId }),
    protocolType: consumerProtocolType,
    protocols,
    reason: rejoinReason.slice(0, reasonLengthMax),
  };
  const response = await coordinator.call(joinGroupRequest, joinGroupResponse, request, timeoutMs);
  const answer = { generationId: response.generationId, memberId: response.memberId, protocolName: response.protocolName };
  const isProtocolRight = (response.protocolType ?? consumerProtocolType) === consumerProtocolType;
  return [response, view.feed({ kind: 'join-answered', sent, error: errorByCode(response.errorCode), answer, isProtocolRight })];
}

/** Kafka cuts longer ones (JoinGroupRequest.maybeTruncateReason). */
const reasonLengthMax = 255;

async function synchronise(cluster: Cluster, coordinator: Coordinator, settings: GroupSettings, view: MembershipView, assignments: { memberId: string; assignment: Buffer }[]): Promise<JoinOutcome> {
  const { groupId, groupInstanceId } = settings;
  const { generation: sent } = view.membership;
  const request = {
    groupId,
    generationId: sent.generationId,
    memberId: sent.memberId,
    ...(groupInstanceId === undefined ? {} : { groupInstanceId }),
    protocolType: consumerProtocolType,
    protocolName: sent.protocolName,
    assignments,
  };
  const response = await coordinator.call(syncGroupRequest, syncGroupResponse, request, cluster.settings.requestTimeoutMs);
  const { protocolType, protocolName } = response;
  const isProtocolRight = (protocolType ?? consumerProtocolType) === consumerProtocolType && (protocolName ?? sent.protocolName) === sent.protocolName;
  const error = errorByCode(response.errorCode);
  const effects = view.feed({ kind: 'sync-answered', sent, error, isProtocolRight });
  if (effects.some(({ kind }) => kind === 'complete')) return { kind: 'assigned', assignment: response.assignment };
  return outcomeOf(effects, error === 'NONE' ? undefined : failureOf(groupId, error));
}

function outcomeOf(effects: readonly MembershipEffect[], failure: KafkaError | undefined): JoinOutcome {
  for (const effect of effects) {
    if (effect.kind === 'join-again') return { kind: 'again', isDelayed: effect.isDelayed };
    if (effect.kind === 'fail') return { kind: 'failed', error: failure ?? new KafkaError(effect.error, `the group cannot be joined: ${effect.error}`) };
  }
  return { kind: 'again', isDelayed: true };
}

const joinFailure = (groupId: string, response: JoinGroupResponse): KafkaError => failureOf(groupId, errorByCode(response.errorCode));

function failureOf(groupId: string, name: KafkaError['name']): KafkaError {
  switch (name) {
    case 'GROUP_AUTHORIZATION_FAILED':
      return new KafkaError(name, `Not authorized to access group: ${groupId}`);
    case 'GROUP_MAX_SIZE_REACHED':
      return new KafkaError(name, `Consumer group ${groupId} already has the configured maximum number of members.`);
    case 'FENCED_INSTANCE_ID':
      return new KafkaError(name, 'The broker rejected this static consumer since another consumer with the same group.instance.id has registered with a different member.id.');
    default:
      return new KafkaError(name, `group ${groupId} cannot be joined: ${name}`);
  }
}
