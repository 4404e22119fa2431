import { batchEnd, isControl, isTransactional, producerId } from '../../../../src/record/batch.ts';
import { readMarker } from '../../../../src/record/control.ts';
import { readBatchRecords } from '../../../../src/record/read.ts';
import { logFilesOf } from '../../checkers/log-files.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { copyOf } from './history.ts';
import type { Copy } from './history.ts';

/** What a topic's leaders have on disk and markers have committed, in the order of the log; indexes of aborted transactions are not asked. */
export function storedCopies({ machines }: Cluster, topic: string, prefix: string): Copy[] {
  return machines.flatMap(({ disk, inside }) =>
    Array.from(inside?.replicas.partitions() ?? [])
      .filter((partition) => partition.topic === topic && partition.isLeader)
      .flatMap(({ partition, log }) => committedOf(logFilesOf(disk, log.directory), partition, prefix)),
  );
}

function committedOf(files: readonly Buffer[], partition: number, prefix: string): Copy[] {
  const open = new Map<number, Copy[]>();
  const committed: Copy[] = [];
  for (const bytes of files) {
    for (let start = 0, end = batchEnd(bytes, 0, bytes.length); end !== undefined; start = end, end = batchEnd(bytes, start, bytes.length)) {
      const producer = producerId(bytes, start);
      const records = readBatchRecords(bytes, start);
      if (isControl(bytes, start)) {
        if (readMarker(records[0]!)?.type === 'COMMIT') committed.push(...(open.get(producer) ?? []));
        open.delete(producer);
      } else if (isTransactional(bytes, start)) {
        open.set(producer, [...(open.get(producer) ?? []), ...records.map((record) => copyOf({ partition, ...record }, prefix))]);
      }
    }
  }
  return committed.sort((a, b) => a.offset - b.offset);
}
