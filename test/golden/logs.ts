/*
 * Log directories that real brokers wrote (Apache Kafka 3.9.1 and 2.4.1), each with what Kafka's own record library and
 * consumers say about them: logs.tar.gz holds the trees `kafka-3.9.1/{clean,compacted,epochs,crash}` and
 * `kafka-2.4.1/{clean,compacted}`; in each partition directory, expected.json and consumer.json tell what is in it.
 *
 *   const file = goldenLog('kafka-3.9.1/clean/txn-0/00000000000000000000.log');
 *   extractGoldenLogs('kafka-3.9.1/crash/before', temporaryDirectory);        // for a broker or log manager to open
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const blockBytes = 512;
let files: ReadonlyMap<string, Buffer> | undefined;

/** Every file by its path in the archive. The Buffers are shared: copy before changing. */
export function goldenLogs(): ReadonlyMap<string, Buffer> {
  files ??= readTar(gunzipSync(readFileSync(path.join(path.dirname(fileURLToPath(import.meta.url)), 'logs.tar.gz'))));
  return files;
}

export function goldenLog(name: string): Buffer {
  const file = goldenLogs().get(name);
  if (file === undefined) throw new Error(`No golden file ${name}`);
  return file;
}

/** Paths of partition directories that have an expected.json, such as `kafka-3.9.1/clean/txn-0`. */
export function goldenPartitions(): string[] {
  return [...goldenLogs().keys()].filter((name) => name.endsWith('/expected.json')).map((name) => path.posix.dirname(name));
}

/** Writes the tree below `directory` of the archive into `target`, which is made if absent. */
export function extractGoldenLogs(directory: string, target: string): void {
  for (const [name, content] of goldenLogs()) {
    if (!name.startsWith(`${directory}/`)) continue;
    const to = path.join(target, name.slice(directory.length + 1));
    mkdirSync(path.dirname(to), { recursive: true });
    writeFileSync(to, content);
  }
}

/** Reads the ustar format, as far as one's own archive needs it: names of at most 100 bytes, plain files. */
function readTar(tar: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let position = 0; position < tar.length && tar[position] !== 0; ) {
    const name = text(tar, position, 100);
    const prefix = text(tar, position + 345, 155);
    const size = Number.parseInt(text(tar, position + 124, 12), 8);
    const isFile = tar[position + 156] === 0x30;
    const start = position + blockBytes;
    if (isFile) found.set(prefix === '' ? name : `${prefix}/${name}`, tar.subarray(start, start + size));
    position = start + Math.ceil(size / blockBytes) * blockBytes;
  }
  return found;
}

function text(tar: Buffer, start: number, length: number): string {
  const end = tar.indexOf(0, start);
  return tar.toString('latin1', start, end >= 0 && end < start + length ? end : start + length);
}
