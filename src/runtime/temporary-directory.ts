import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A new folder for files that nobody needs afterwards. */
export function temporaryDirectory(prefix: string): { readonly path: string; remove(): void } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), prefix));
  return { path: folder, remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}
