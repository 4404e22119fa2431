import { compileSimulator } from '../bundle.ts';
import type { simulate } from '../simulation.ts';
import type { Patch } from './patch.ts';
import { patches } from './patches.ts';

/** The simulator and all that it runs, compiled with every fault in it and none awake. Production code knows nothing of it. */
export interface PatchedCopy {
  /** As `simulate`, with this fault alone; without one as it is. */
  simulateWith(patch: Patch | undefined, ...args: Parameters<typeof simulate>): ReturnType<typeof simulate>;
  remove(): void;
}

/** Which fault is awake is a global: the copy's modules are others than those that import this one. */
const awake = globalThis as { plantedFault?: string };

/** @throws Error when a patch does not fit the source any more */
export async function copyWithFaults(): Promise<PatchedCopy> {
  const planted = new Set<Patch['changes'][number]>();
  const copy = await compileSimulator((file, source) => plantAll(file, source, planted));
  const left = patches.filter(({ changes }) => changes.some((change) => !planted.has(change)));
  if (left.length > 0) throw new Error(`the simulator does not run what these faults change: ${left.map(({ name }) => name).join('; ')}`);
  return {
    async simulateWith(patch, ...args) {
      awake.plantedFault = patch?.name ?? '';
      try {
        return await copy.simulate(...args);
      } finally {
        delete awake.plantedFault;
      }
    },
    remove: () => copy.remove(),
  };
}

/** The source with each fault of the file in it. */
function plantAll(file: string, source: string, planted: Set<Patch['changes'][number]>): string {
  let text = source;
  for (const patch of patches) {
    const isAwake = `(globalThis as { plantedFault?: string }).plantedFault === ${JSON.stringify(patch.name)}`;
    for (const change of patch.changes.filter((one) => file === `src/${one.file}`)) {
      const { find, replace } = change;
      if (text.split(find).length !== 2) throw new Error(`the fault "${patch.name}" does not fit ${file} any more: what it replaces must stand there once: ${find}`);
      text = text.replace(find, () => replace.replaceAll(/\bplanted\b/g, `(${isAwake})`));
      planted.add(change);
    }
  }
  return text;
}
