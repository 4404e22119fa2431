import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { simulate } from './simulation.ts';

/** Changes the source of a file before it is compiled; the path is from the repository's root. */
export type Change = (file: string, source: string) => string;

const repository = path.resolve(import.meta.dirname, '../..');
/** The simulator loads no native codec. */
const nativePackages = ['@node-rs/crc32', 'snappy', 'lz4-napi', '@bokuweb/zstd-wasm'];

/**
 * Compiles a module of the simulator, with all that it runs, into one file. It runs in two thirds of the time that its
 * modules take one by one: tsx keeps the names of functions, at a price for each closure that is made.
 *
 * @param entry from the repository's root
 */
export async function bundle(entry: string, target: string, change: Change = (_file, source) => source): Promise<void> {
  await build({
    absWorkingDir: repository,
    entryPoints: [entry],
    outfile: target,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: nativePackages,
    // commander is CommonJS, and asks for Node's modules by `require`.
    banner: { js: "import { createRequire as requireFrom } from 'node:module';const require=requireFrom(import.meta.url);" },
    sourcemap: 'inline',
    logLevel: 'warning',
    plugins: [
      {
        name: 'change',
        setup(steps) {
          steps.onLoad({ filter: /\.ts$/ }, ({ path: file }) => ({
            contents: change(path.relative(repository, file).split(path.sep).join('/'), readFileSync(file, 'utf8')),
            loader: 'ts',
          }));
        },
      },
    ],
  });
}

export interface CompiledSimulator {
  readonly simulate: typeof simulate;
  remove(): void;
}

/** `simulate`, from one file in a folder that `remove` takes away. */
export async function compileSimulator(change?: Change): Promise<CompiledSimulator> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'ottla-simulator-'));
  const program = path.join(folder, 'simulation.mjs');
  await bundle('test/simulation/simulation.ts', program, change);
  const compiled = (await import(pathToFileURL(program).href)) as { readonly simulate: typeof simulate };
  return { simulate: compiled.simulate, remove: () => rmSync(folder, { recursive: true }) };
}
