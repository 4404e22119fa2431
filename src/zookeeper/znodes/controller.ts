import { encodeJson, ZnodeObject } from './json.ts';

/** `version` of /controller, as brokers since 3.4 write it under any inter.broker.protocol.version; older ones read it too. */
export const controllerZnodeVersion = 2;

/** The ephemeral `/controller`. */
export interface ControllerRegistration {
  /** 2 since 3.4, 1 before. */
  readonly version: number;
  readonly brokerId: number;
  readonly timestampMs: number;
  /** Epoch of a KRaft controller that took over, -1 when ZooKeeper rules. */
  readonly kraftControllerEpoch: number;
}

export function encodeController({ version, brokerId, timestampMs, kraftControllerEpoch }: ControllerRegistration): Buffer {
  const common = { version, brokerid: brokerId, timestamp: String(timestampMs) };
  return encodeJson(version < 2 ? common : { ...common, kraftControllerEpoch });
}

/** @throws MalformedZnode */
export function decodeController(bytes: Uint8Array): ControllerRegistration {
  const object = ZnodeObject.parse('controller', bytes);
  return {
    version: object.integerOr('version', 1),
    brokerId: object.integer('brokerid'),
    timestampMs: object.has('timestamp') ? object.integerText('timestamp') : -1,
    kraftControllerEpoch: object.integerOr('kraftControllerEpoch', -1),
  };
}
