/* Prints the bytes of heap and buffers that one idle partition takes; run with --expose-gc. */
import { openManager, removeTemporaryFolders, temporaryFolder } from '../../unit/log/support.ts';

const partitions = 500;
const used = (): number => {
  globalThis.gc!();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
const manager = await openManager([temporaryFolder()]);
for (let partition = 0; partition < 50; partition++) manager.getOrCreate('warm', partition, { isNew: true });
const before = used();
for (let partition = 0; partition < partitions; partition++) manager.getOrCreate('idle', partition, { isNew: true });
console.log(Math.round((used() - before) / partitions));
await manager.close();
removeTemporaryFolders();
