/**
 * Bits of AclOperation that a client may do, asked for with include…AuthorizedOperations (KIP-430). Without an authorizer
 * everybody may do all that there is for a kind of resource.
 */
const bits = (...operations: readonly number[]): number => operations.reduce((sum, operation) => sum | (1 << operation), 0);

/** AclOperation codes. */
const read = 3;
const write = 4;
const create = 5;
const remove = 6;
const alter = 7;
const describe = 8;
const clusterAction = 9;
const describeConfigs = 10;
const alterConfigs = 11;
const idempotentWrite = 12;

export const allTopicOperations = bits(read, write, create, remove, alter, describe, describeConfigs, alterConfigs);
export const allClusterOperations = bits(create, alter, describe, clusterAction, describeConfigs, alterConfigs, idempotentWrite);
export const allGroupOperations = bits(read, remove, describe);
