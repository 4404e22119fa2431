import fs from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import vm from 'node:vm';

/**
 * Runs the bundle that belongs to a launcher, with the code that V8 made of it when it was built: a third of the time to start
 * and a fifth of the idle memory are the compiler's. V8 compiles as ever when it does not take that code, as after an
 * update of Node. A bundle has no `import()`: Node does not know where code comes from that it did not compile.
 *
 *     kafka-topics.cjs ── kafka-topics.bundle.cjs   what esbuild made
 *     the launcher        kafka-topics.code         what V8 made of that
 */
export function launch(launcher: NodeJS.Module, require: NodeJS.Require): void {
  const folder = path.dirname(launcher.filename);
  const part = (kind: string): string => path.join(folder, `${path.basename(launcher.filename, '.cjs')}.${kind}`);
  const filename = part('bundle.cjs');
  const script = new vm.Script(Module.wrap(fs.readFileSync(filename, 'latin1')), {
    filename,
    cachedData: fs.readFileSync(part('code')),
  });
  const run = script.runInThisContext() as (exports: unknown, require: NodeJS.Require, module: NodeJS.Module, filename: string, folder: string) => void;
  run(launcher.exports, require, launcher, launcher.filename, folder);
}

/** The code of a bundle for `launch`. @param source latin1: esbuild writes ASCII */
export function compile(source: string, filename: string): Buffer {
  return new vm.Script(Module.wrap(source), { filename }).createCachedData();
}
