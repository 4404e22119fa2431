import type { ErrorName } from '../../protocol/errors.ts';

/** One assignor that a member supports. Its name and bytes mean nothing to the broker. */
export interface Protocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface JoinResult {
  readonly error: ErrorName;
  readonly memberId: string;
  /** -1 with an error. */
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leaderId: string;
  /** The leader need not assign: the group is stable (KIP-814). */
  readonly skipsAssignment: boolean;
  /** For the leader alone. */
  readonly members: readonly JoinedMember[];
}

export interface JoinedMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly metadata: Buffer;
}

export interface SyncResult {
  readonly error: ErrorName;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Buffer;
}

/** Where an answer goes. The rules keep it and hand it back in an effect; they never call it. */
export type JoinAnswer = (result: JoinResult) => void;
export type SyncAnswer = (result: SyncResult) => void;

export interface Member {
  /** A static member gets another one each time that its process starts. */
  id: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  /** As Java prints an address: `/127.0.0.1`. */
  readonly clientHost: string;
  rebalanceTimeoutMs: number;
  sessionTimeoutMs: number;
  /** By preference. */
  protocols: readonly Protocol[];
  assignment: Buffer;
  /** Its JoinGroup waits for the others. */
  joinAnswer: JoinAnswer | undefined;
  /** Its SyncGroup waits for the leader's. */
  syncAnswer: SyncAnswer | undefined;
  /** It waits in its first JoinGroup, and may not know its id. */
  isNew: boolean;
  /** When its session ends unless it is heard of; monotonic milliseconds. */
  deadlineMs: number;
}

export const noBytes = Buffer.alloc(0);

export const isStatic = ({ instanceId }: Member): boolean => instanceId !== null;

/** Whether the member would say the same again. */
export function hasProtocols({ protocols }: Member, others: readonly Protocol[]): boolean {
  return protocols.length === others.length && protocols.every(({ name, metadata }, index) => name === others[index]!.name && metadata.equals(others[index]!.metadata));
}

/** Empty for a protocol that it does not have. */
export function metadataFor({ protocols }: Member, name: string | null): Buffer {
  return protocols.find((protocol) => protocol.name === name)?.metadata ?? noBytes;
}

export function failedJoin(memberId: string, error: ErrorName): JoinResult {
  return { error, memberId, generation: -1, protocolType: null, protocolName: null, leaderId: '', skipsAssignment: false, members: [] };
}

export function failedSync(error: ErrorName): SyncResult {
  return { error, protocolType: null, protocolName: null, assignment: noBytes };
}
