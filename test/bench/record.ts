/**
 * What do building, reading and validating record batches cost, and do the native codecs beat the plain ones? Prints ns per
 * record or MB/s, and ratios measured in pairs.
 */
import { buildBatch } from '../../src/record/build.ts';
import { codecs } from '../../src/record/batch.ts';
import { compress, decompress } from '../../src/record/compression.ts';
import { dropNativeCodecs, initialiseCodecs } from '../../src/record/initialise-codecs.ts';
import { readBatchRecords } from '../../src/record/read.ts';
import { validateAndAssignOffsets } from '../../src/record/validate.ts';
import { nsPerCall } from './measure.ts';
import { median } from './report/summary.ts';

function records(count: number, valueBytes: number): { key: Buffer; value: Buffer; timestamp: number }[] {
  const text = 'the quick brown fox jumps over the lazy dog 0123456789 ';
  return Array.from({ length: count }, (_, index) => ({
    key: Buffer.from(`user-${index * 7919}`),
    value: Buffer.from(`${index} ${text.repeat(Math.ceil(valueBytes / text.length))}`).subarray(0, valueBytes),
    timestamp: 1_700_000_000_000 + index,
  }));
}

function perRecord(): string[] {
  return [[1000, 20], [160, 100], [16, 1000]].map(([count = 0, valueBytes = 0]) => {
    const list = records(count, valueBytes);
    const batch = buildBatch({}, list);
    const build = median(Array.from({ length: 5 }, () => nsPerCall(() => buildBatch({}, list)))) / count;
    const read = median(Array.from({ length: 5 }, () => nsPerCall(() => readBatchRecords(batch, 0)))) / count;
    const validate = median(Array.from({ length: 5 }, () => nsPerCall(() => {
      batch.fill(0, 0, 8);
      return validateAndAssignOffsets({
        records: batch, firstOffset: 5, nowMs: 1_700_000_000_000, leaderEpoch: 0, compressionOfTopic: 'producer', cleanupPolicyCompact: false,
        timestampType: 'CreateTime', beforeMaxMs: Number.MAX_VALUE, afterMaxMs: Number.MAX_VALUE, fromClient: true,
      });
    })));
    return `${count} records of ${valueBytes} B: build ${build.toFixed(0)} ns, read ${read.toFixed(0)} ns a record; validate a batch of ${batch.length} B ${validate.toFixed(0)} ns`;
  });
}

async function perCodec(): Promise<string[]> {
  const plainBytes = buildBatch({}, records(2000, 100));
  const megabytesPerSecond = (ns: number): string => ((plainBytes.length / ns) * 1000).toFixed(0);
  const rows: string[] = [];
  for (const codec of codecs.slice(1)) {
    const figures: string[] = [];
    for (const [name, wanted] of [['plain', ['zstd']], ['native', ['zstd', 'snappy', 'lz4']]] as const) {
      await initialiseCodecs(wanted);
      const packed = compress(codec, plainBytes);
      const into = median(Array.from({ length: 5 }, () => nsPerCall(() => compress(codec, plainBytes))));
      const out = median(Array.from({ length: 5 }, () => nsPerCall(() => decompress(codec, packed, 2, 1 << 24))));
      figures.push(`${name}: in ${megabytesPerSecond(into)} out ${megabytesPerSecond(out)} MB/s, size ${(packed.length / plainBytes.length).toFixed(2)}`);
      dropNativeCodecs();
    }
    rows.push(`${codec}  ${figures.join('   ')}`);
  }
  return rows;
}

await initialiseCodecs(['crc32c']);
console.log([...perRecord(), ...(await perCodec())].join('\n'));
