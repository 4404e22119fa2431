/** Where does the native CRC-32C overtake the plain one? `nativeBytesMin` of src/record/crc32c.ts is that length. */
import { crc32c, pureCrc32c } from '../../src/record/crc32c.ts';
import { initialiseCodecs } from '../../src/record/initialise-codecs.ts';
import { nsPerCall } from './measure.ts';
import { median } from './report/summary.ts';

export async function crossing(): Promise<string> {
  const [choice] = await initialiseCodecs(['crc32c']);
  const lengths = [64, 128, 256, 512, 1024, 16_384, 1 << 20];
  const rows = lengths.map((length) => {
    const data = Buffer.alloc(length, 7);
    const pairs = Array.from({ length: 7 }, () => [nsPerCall(() => pureCrc32c(data, 0, length)), nsPerCall(() => crc32c(data, 0, length))] as const);
    const ratio = median(pairs.map(([pure, chosen]) => pure / chosen));
    return `${length} B  plain ${median(pairs.map(([pure]) => pure)).toFixed(0)} ns  chosen ${median(pairs.map(([, chosen]) => chosen)).toFixed(0)} ns  plain/chosen ${ratio.toFixed(2)}`;
  });
  return [`crc32c: ${choice?.implementation}`, ...rows].join('\n');
}

console.log(await crossing());
