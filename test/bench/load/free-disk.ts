import fs from 'node:fs';

/** Of what a benchmark may fill: others need the disk too. */
const share = 0.3;

/** The bytes wanted, or as many as the disk of a folder can spare. */
export function spareBytes(folder: string, wantedBytes: number): number {
  fs.mkdirSync(folder, { recursive: true });
  const { bavail, bsize } = fs.statfsSync(folder);
  return Math.min(wantedBytes, Math.floor(bavail * bsize * share));
}
