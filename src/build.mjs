// Builds dist/ on install: each tool as one file (a bundle starts in a third of the time of its modules) behind a launcher
// that keeps its compiled code (src/tools/run-bundle.ts), the library for import, and its types. Native packages stay
// outside the bundles, since each is optional.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const nativePackages = ['@node-rs/crc32', 'snappy', 'lz4-napi', '@bokuweb/zstd-wasm'];
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
/** A tool's bundle is a function that its launcher calls, so it knows the launcher's place, as `__filename` alone. */
const wrapped = {
  banner: { js: "(function(exports,require,module,__filename,__dirname){'use strict';const moduleUrl=require('node:url').pathToFileURL(__filename).href;" },
  footer: { js: '})' },
};

const tools = readdirSync(path.join(root, 'bin')).filter((name) => !name.includes('.'));

/** The bundle's name holds its content's digest: compiled code that is kept under it can belong to no other. */
function writeTool({ path: file, contents }) {
  const tool = path.basename(file, '.js');
  const bundle = `${tool}-${createHash('sha256').update(contents).digest('hex').slice(0, 16)}.js`;
  writeFileSync(path.join(root, 'dist/bundles', bundle), contents);
  writeFileSync(path.join(root, 'dist/tools', `${tool}.cjs`), `require('./run-bundle.cjs').runBundle(require('node:path').join(__dirname,'../bundles/${bundle}'),module,require);\n`);
}

async function buildTools() {
  const { outputFiles } = await build({
    ...common,
    ...wrapped,
    entryPoints: ['ottla-start', ...tools].map((name) => `src/tools/${name}.ts`),
    outdir: 'dist/bundles',
    format: 'cjs',
    external: nativePackages,
    define: { 'import.meta.url': 'moduleUrl', ...workers },
    supported: { 'dynamic-import': false },
    write: false,
  });
  for (const folder of ['bundles', 'tools']) mkdirSync(path.join(root, 'dist', folder), { recursive: true });
  for (const output of outputFiles) writeTool(output);
}

rmSync(path.join(root, 'dist'), { recursive: true, force: true });
await Promise.all([
  buildTools(),
  build({
    ...common,
    entryPoints: ['src/tools/run-bundle.ts'],
    outdir: 'dist/tools',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
  }),
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
execFileSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', path.join(root, 'src/tsconfig.json')], { stdio: 'inherit' });
