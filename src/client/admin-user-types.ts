import type { Outcome } from './admin-types.ts';

/** A user, client id or ip, or a user with a client id; null is the default of its type (ClientQuotaEntity). */
export type QuotaEntity = Readonly<Partial<Record<QuotaEntityType, string | null>>>;
export type QuotaEntityType = 'user' | 'client-id' | 'ip';

export interface QuotaFilter {
  readonly type: QuotaEntityType;
  /** Null for the default, undefined for any. */
  readonly name: string | null | undefined;
}

export interface EntityQuotas {
  readonly entity: QuotaEntity;
  /** In the order of the broker's answer. */
  readonly quotas: ReadonlyMap<string, number>;
}

export interface QuotaChanges {
  readonly entity: QuotaEntity;
  /** Undefined takes the quota away. */
  readonly changes: ReadonlyMap<string, number | undefined>;
}

export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

export interface UserScramCredentials extends Outcome {
  readonly credentials: readonly { readonly mechanism: ScramMechanism; readonly iterations: number }[];
}

export interface ScramChange {
  readonly user: string;
  readonly mechanism: ScramMechanism;
  /** Undefined deletes the credential. The password itself does not leave this process. */
  readonly credential: { readonly password: string; readonly iterations: number } | undefined;
}

/** The part of the admin client about those who use the cluster. */
export interface UserAdmin {
  /** Entities that have just the types of the filters. @throws KafkaError */
  describeClientQuotas(filters: readonly QuotaFilter[]): Promise<EntityQuotas[]>;
  /** @throws KafkaError the first refusal */
  alterClientQuotas(changes: readonly QuotaChanges[]): Promise<void>;
  /** Of all users when none are named; those without credentials are then left out. @throws KafkaError */
  describeUserScramCredentials(users?: readonly string[]): Promise<UserScramCredentials[]>;
  alterUserScramCredentials(changes: readonly ScramChange[]): Promise<Outcome[]>;
}
