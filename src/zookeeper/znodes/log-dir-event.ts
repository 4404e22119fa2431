import { encodeJson, ZnodeObject } from './json.ts';

const logDirFailure = 1;

/** `/log_dir_event_notification/log_dir_event_N`: a log directory of this broker failed. */
export function encodeLogDirEvent(brokerId: number): Buffer {
  return encodeJson({ version: 1, broker: brokerId, event: logDirFailure });
}

/**
 * The broker whose log directory failed.
 *
 * @throws MalformedZnode
 */
export function decodeLogDirEvent(bytes: Uint8Array): number {
  return ZnodeObject.parse('log directory event', bytes).integer('broker');
}
