import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { simulate } from '../simulation.ts';
import type { Patch } from './patch.ts';
import { patches } from './patches.ts';

const repository = path.resolve(import.meta.dirname, '../../..');

/** The simulator and all that it runs, copied, with every fault in it and none awake. Production code knows nothing of it. */
export interface PatchedCopy {
  /** As `simulate`, with this fault alone. */
  simulateWith(patch: Patch | undefined, ...args: Parameters<typeof simulate>): ReturnType<typeof simulate>;
  remove(): void;
}

/** Which fault is awake is a global: the copy's modules are others than those that import this one. */
const awake = globalThis as { plantedFault?: string };

/** @throws Error when a patch does not fit the source any more */
export async function copyWithFaults(): Promise<PatchedCopy> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'ottla-planted-'));
  for (const part of ['src', 'test/simulation', 'package.json', 'tsconfig.json']) cpSync(path.join(repository, part), path.join(folder, part), { recursive: true });
  symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
  for (const patch of patches) plant(folder, patch);
  const copy = (await import(pathToFileURL(path.join(folder, 'test/simulation/simulation.ts')).href)) as { readonly simulate: typeof simulate };
  return {
    async simulateWith(patch, ...args) {
      awake.plantedFault = patch?.name ?? '';
      try {
        return await copy.simulate(...args);
      } finally {
        delete awake.plantedFault;
      }
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function plant(folder: string, { name, changes }: Patch): void {
  const isAwake = `(globalThis as { plantedFault?: string }).plantedFault === ${JSON.stringify(name)}`;
  for (const { file, find, replace } of changes) {
    const target = path.join(folder, 'src', file);
    const source = readFileSync(target, 'utf8');
    if (source.split(find).length !== 2) throw new Error(`the fault "${name}" does not fit src/${file} any more: what it replaces must stand there once: ${find}`);
    writeFileSync(target, source.replace(find, () => replace.replaceAll(/\bplanted\b/g, `(${isAwake})`)));
  }
}
