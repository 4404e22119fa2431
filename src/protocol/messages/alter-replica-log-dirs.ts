import { array, int16, int32, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** AlterReplicaLogDirsRequest, API key 34, versions 0 to 2, flexible from 2. */
export const alterReplicaLogDirsRequest = message('AlterReplicaLogDirsRequest', { apiKey: 34, versions: [0, 2], flexibleSince: 2 }, {
  dirs: array(struct({
    path: string(),
    topics: array(struct({
      name: string(),
      partitions: array(int32()),
    })),
  })),
});
export type AlterReplicaLogDirsRequest = Decoded<typeof alterReplicaLogDirsRequest>;
export type AlterReplicaLogDirsRequestInput = Input<typeof alterReplicaLogDirsRequest>;

/** AlterReplicaLogDirsResponse, API key 34, versions 0 to 2, flexible from 2. */
export const alterReplicaLogDirsResponse = message('AlterReplicaLogDirsResponse', { apiKey: 34, versions: [0, 2], flexibleSince: 2 }, {
  throttleTimeMs: int32(),
  results: array(struct({
    topicName: string(),
    partitions: array(struct({
      partitionIndex: int32(),
      errorCode: int16(),
    })),
  })),
});
export type AlterReplicaLogDirsResponse = Decoded<typeof alterReplicaLogDirsResponse>;
export type AlterReplicaLogDirsResponseInput = Input<typeof alterReplicaLogDirsResponse>;
