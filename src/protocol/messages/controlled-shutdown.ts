import { array, int16, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** ControlledShutdownRequest, API key 7, versions 0 to 3, flexible from 3. */
export const controlledShutdownRequest = message('ControlledShutdownRequest', { apiKey: 7, versions: [0, 3], flexibleSince: 3 }, {
  brokerId: int32(),
  brokerEpoch: int64({ since: 2, default: -1, ignorable: true }),
});
export type ControlledShutdownRequest = Decoded<typeof controlledShutdownRequest>;
export type ControlledShutdownRequestInput = Input<typeof controlledShutdownRequest>;

/** ControlledShutdownResponse, API key 7, versions 0 to 3, flexible from 3. */
export const controlledShutdownResponse = message('ControlledShutdownResponse', { apiKey: 7, versions: [0, 3], flexibleSince: 3 }, {
  errorCode: int16(),
  remainingPartitions: array(struct({
    topicName: string(),
    partitionIndex: int32(),
  })),
});
export type ControlledShutdownResponse = Decoded<typeof controlledShutdownResponse>;
export type ControlledShutdownResponseInput = Input<typeof controlledShutdownResponse>;
