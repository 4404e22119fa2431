import type { Disk } from '../runtime/disk.ts';

/**
 * Replaces a small file at once but without fsync: it survives the death of the process, not surely a power cut.
 * For what the log itself can tell again (leader epochs, topic id); checkpoints go through `Disk.replaceFileSync`.
 */
export function replaceWithoutSync(disk: Disk, path: string, content: string): void {
  const beside = `${path}.tmp`;
  const file = disk.openSync(beside, 'truncate');
  try {
    file.writeSync([Buffer.from(content, 'utf8')], 0);
  } finally {
    file.closeSync();
  }
  disk.renameSync(beside, path);
}

/** A file that does not hold what its name promises. */
export class MalformedFile extends Error {
  override readonly name = 'MalformedFile';
}

/**
 * The lines after version and count of a checkpoint: `0`, count, one entry a line.
 * @throws MalformedFile
 */
export function parseCheckpointLines(path: string, text: string): readonly string[] {
  const lines = text.split('\n');
  const count = Number(lines[1]);
  if (lines[0] !== '0') throw new MalformedFile(`unknown version "${lines[0] ?? ''}" in the checkpoint ${path}`);
  // The last line may have been cut short, and still be one.
  if (!text.endsWith('\n')) throw new MalformedFile(`the checkpoint ${path} ends in the middle of a line`);
  const entries = lines.slice(2).filter((line) => line !== '');
  if (!/^\d+$/.test(lines[1] ?? '') || entries.length !== count) {
    throw new MalformedFile(`expected ${lines[1] ?? 'no'} entries in the checkpoint ${path}, found ${entries.length}`);
  }
  return entries;
}

export function formatCheckpointLines(entries: readonly string[]): string {
  return `0\n${entries.length}\n${entries.map((entry) => `${entry}\n`).join('')}`;
}
