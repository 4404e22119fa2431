import type { Cluster } from '../cluster/cluster.ts';
import { prepareStream } from './record-stream.ts';
import type { Workload } from './workload.ts';

const topic = 'metrics';
const segmentBytes = 2048;
/** log.initial.task.delay.ms, log.retention.check.interval.ms, and time to do it in. */
const trimsWithinMs = 15_000;

/** Small segments, and few of them are kept: the log's start moves all the time, on each replica by itself. */
export const retention: Workload = {
  name: 'retention',
  async prepare(cluster, random) {
    const retentionBytes = 4096 + random.integer(8192);
    const stream = await prepareStream(cluster, random, {
      topic,
      acks: 'all',
      promises: { isDurable: true, isIdempotent: true, isTrimmed: true },
      configs: { 'min.insync.replicas': '2', 'segment.bytes': String(segmentBytes), 'retention.bytes': String(retentionBytes), 'file.delete.delay.ms': '1000' },
    });
    return {
      work: () => stream.work(),
      async finish() {
        await stream.finish();
        await cluster.world.sleep(trimsWithinMs);
        checkSizes(cluster, retentionBytes);
      },
    };
  },
};

/** A segment goes when what is left without it is still as large as the bound. */
function checkSizes({ machines, violate }: Cluster, retentionBytes: number): void {
  for (const { name, inside } of machines) {
    for (const { key, topic: of, log } of inside?.replicas.partitions() ?? []) {
      if (of !== topic || log.sizeBytes < retentionBytes + segmentBytes) continue;
      violate(`${key} on ${name} has ${log.sizeBytes} bytes, of which ${retentionBytes} are to be kept`);
    }
  }
}
