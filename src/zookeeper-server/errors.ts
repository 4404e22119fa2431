/** ZooKeeper's error codes as they go over the wire (KeeperException.Code). */
export const errorCodes = {
  OK: 0,
  SYSTEM_ERROR: -1,
  RUNTIME_INCONSISTENCY: -2,
  MARSHALLING_ERROR: -5,
  UNIMPLEMENTED: -6,
  BAD_ARGUMENTS: -8,
  NO_NODE: -101,
  NO_AUTH: -102,
  BAD_VERSION: -103,
  NO_CHILDREN_FOR_EPHEMERALS: -108,
  NODE_EXISTS: -110,
  NOT_EMPTY: -111,
  SESSION_EXPIRED: -112,
  INVALID_ACL: -114,
  AUTH_FAILED: -115,
  NO_WATCHER: -121,
  RECONFIG_DISABLED: -123,
  QUOTA_EXCEEDED: -125,
} as const;

/** Always negative, so that a function may answer `T | ErrorCode` where T is an object. */
export type ErrorCode = Exclude<(typeof errorCodes)[keyof typeof errorCodes], 0>;
