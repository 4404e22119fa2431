import type { CreateLiveChecker } from '../../cluster/observer.ts';
import { committedRecordsStay } from './committed-records.ts';
import { highWatermarkIsKept } from './high-watermark.ts';
import { oneIsrPerEpoch } from './isr.ts';
import { oneLeaderPerEpoch } from './leaders.ts';
import { lastStableOffsetIsRight } from './last-stable-offset.ts';
import { logStartIsKept } from './log-start.ts';
import { metadataIsLinear } from './metadata.ts';
import { queuesAreBounded } from './queues.ts';

/** What must hold after every step. Another one is one file, and one line here. */
export const liveCheckers: readonly CreateLiveChecker[] = [oneLeaderPerEpoch, oneIsrPerEpoch, highWatermarkIsKept, committedRecordsStay, logStartIsKept, lastStableOffsetIsRight, metadataIsLinear, queuesAreBounded];
