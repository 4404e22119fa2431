import { desanitizeName, sanitizeName } from '../paths.ts';
import { encodeJson, MalformedZnode, ZnodeObject } from './json.ts';

/** `/delegation_token/tokens/<id>`. Principals are `User:alice`; the HMAC is computed, never stored. */
export interface DelegationTokenInfo {
  /** 3 since 3.3 (token requester), 1 before. */
  readonly version: number;
  readonly tokenId: string;
  readonly owner: string;
  /** The owner where the token is of version 1. */
  readonly tokenRequester: string;
  readonly renewers: readonly string[];
  readonly issueTimestampMs: number;
  readonly expiryTimestampMs: number;
  readonly maxTimestampMs: number;
}

export function encodeDelegationToken(token: DelegationTokenInfo): Buffer {
  return encodeJson({
    issueTimestamp: token.issueTimestampMs,
    renewers: token.renewers.map(encodePrincipal),
    ...(token.version >= 3 ? { tokenRequester: encodePrincipal(token.tokenRequester) } : {}),
    tokenId: token.tokenId,
    owner: encodePrincipal(token.owner),
    expiryTimestamp: token.expiryTimestampMs,
    maxTimestamp: token.maxTimestampMs,
    version: token.version,
  });
}

/** @throws MalformedZnode */
export function decodeDelegationToken(bytes: Uint8Array): DelegationTokenInfo {
  const object = ZnodeObject.parse('delegation token', bytes);
  const owner = decodePrincipal(object.string('owner'));
  const requester = object.optionalString('tokenRequester');
  return {
    version: object.integerOr('version', 1),
    tokenId: object.string('tokenId'),
    owner,
    tokenRequester: requester === undefined ? owner : decodePrincipal(requester),
    renewers: object.strings('renewers').map(decodePrincipal),
    issueTimestampMs: object.integer('issueTimestamp'),
    expiryTimestampMs: object.integer('expiryTimestamp'),
    maxTimestampMs: object.integer('maxTimestamp'),
  };
}

function encodePrincipal(principal: string): string {
  return sanitizeName(principal);
}

function decodePrincipal(text: string): string {
  try {
    return desanitizeName(text);
  } catch (error) {
    throw new MalformedZnode(`delegation token has the principal ${text}, which is not percent-encoded`, { cause: error });
  }
}
