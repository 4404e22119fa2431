// Builds dist/ on install: each tool as one file (a bundle starts in a third of the time of its modules) with V8's code for
// it, the library for import, and its types. Native packages stay outside the bundles, since each is optional.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const nativePackages = ['@node-rs/crc32', 'snappy', 'lz4-napi', '@bokuweb/zstd-wasm', 'koffi'];
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  legalComments: 'none',
  minifySyntax: true,
  minifyWhitespace: true,
};

/** A thread starts from a file: the cleaner's worker is a bundle of its own, which the others, all one folder deep, find here. */
const workers = { cleanerWorkerBundle: JSON.stringify('../workers/cleaner.cjs') };
/** A bundle in CommonJS knows its place as `__filename` alone. */
const moduleUrl = { define: { 'import.meta.url': 'moduleUrl' }, banner: { js: "'use strict';const moduleUrl=require('node:url').pathToFileURL(__filename).href;" } };

const tools = ['ottla-start', ...readdirSync(path.join(root, 'bin')).filter((name) => !name.includes('.'))];
const toolFile = (name) => path.join(root, 'dist/tools', name);

rmSync(path.join(root, 'dist'), { recursive: true, force: true });
await Promise.all([
  build({
    ...common,
    entryPoints: tools.map((name) => `src/tools/${name}.ts`),
    outdir: 'dist/tools',
    outExtension: { '.js': '.bundle.cjs' },
    format: 'cjs',
    external: nativePackages,
    supported: { 'dynamic-import': false }, // code that V8 has compiled before cannot import
    banner: moduleUrl.banner,
    define: { ...moduleUrl.define, ...workers },
  }),
  build({ ...common, entryPoints: ['src/tools/launch.ts'], outfile: 'dist/tools/launch.cjs', format: 'cjs' }),
  build({
    ...common,
    entryPoints: { cleaner: 'src/log/cleaner/worker.ts' },
    outdir: 'dist/workers',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    external: nativePackages,
  }),
  build({
    ...common,
    entryPoints: ['src/client/index.ts', 'src/testing/index.ts'],
    outdir: 'dist',
    outbase: 'src',
    format: 'esm',
    splitting: true,
    define: workers,
    chunkNames: 'chunks/[name]-[hash]',
    packages: 'external',
    sourcemap: 'linked',
  }),
]);
const { compile } = createRequire(import.meta.url)(toolFile('launch.cjs'));
for (const name of tools) {
  const bundle = toolFile(`${name}.bundle.cjs`);
  writeFileSync(toolFile(`${name}.code`), compile(readFileSync(bundle, 'latin1'), bundle));
  writeFileSync(toolFile(`${name}.cjs`), "require('./launch.cjs').launch(module,require);\n");
}
execFileSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', path.join(root, 'src/tsconfig.json')], { stdio: 'inherit' });
