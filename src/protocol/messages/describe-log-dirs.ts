import { array, bool, int16, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** DescribeLogDirsRequest, API key 35, versions 0 to 4, flexible from 2. */
export const describeLogDirsRequest = message('DescribeLogDirsRequest', { apiKey: 35, versions: [0, 4], flexibleSince: 2 }, {
  topics: array(struct({
    topic: string(),
    partitions: array(int32()),
  }), { nullable: 0 }),
});
export type DescribeLogDirsRequest = Decoded<typeof describeLogDirsRequest>;
export type DescribeLogDirsRequestInput = Input<typeof describeLogDirsRequest>;

/** DescribeLogDirsResponse, API key 35, versions 0 to 4, flexible from 2. */
export const describeLogDirsResponse = message('DescribeLogDirsResponse', { apiKey: 35, versions: [0, 4], flexibleSince: 2 }, {
  throttleTimeMs: int32(),
  errorCode: int16({ since: 3, ignorable: true }),
  results: array(struct({
    errorCode: int16(),
    logDir: string(),
    topics: array(struct({
      name: string(),
      partitions: array(struct({
        partitionIndex: int32(),
        partitionSize: int64(),
        offsetLag: int64(),
        isFutureKey: bool(),
      })),
    })),
    totalBytes: int64({ since: 4, default: -1, ignorable: true }),
    usableBytes: int64({ since: 4, default: -1, ignorable: true }),
  })),
});
export type DescribeLogDirsResponse = Decoded<typeof describeLogDirsResponse>;
export type DescribeLogDirsResponseInput = Input<typeof describeLogDirsResponse>;
