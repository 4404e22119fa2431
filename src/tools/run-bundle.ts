import fs from 'node:fs';
import path from 'node:path';
import { Script } from 'node:vm';

/** What Node gives to a module in CommonJS. */
type ModuleBody = (exports: unknown, require: NodeJS.Require, module: NodeJS.Module, fileName: string, folder: string) => void;

/** By then a broker serves: what it took to get there has been compiled. Tools end before. */
const servesMs = 3000;
/** Runs that compile next to nothing. */
const brief = new Set(['--help', '--version']);

/**
 * Runs a tool's bundle in the place of `module`, its launcher. V8's code for what the first run compiled is kept beside the
 * bundle, and the next run begins with it: for a broker that is a third of all it does before it serves.
 *
 * @param bundle the file, wrapped as a function; its name changes with its content, and so does that of what is kept
 */
export function runBundle(bundle: string, module: NodeJS.Module, require: NodeJS.Require): void {
  const kept = `${bundle}.${process.version}-${process.arch}`;
  const cachedData = readKept(kept);
  const script = new Script(fs.readFileSync(bundle, 'latin1'), { filename: bundle, ...(cachedData === undefined ? {} : { cachedData }) });
  if ((cachedData === undefined || script.cachedDataRejected === true) && !process.argv.some((word) => brief.has(word))) keepOnce(script, kept);
  const body = script.runInThisContext() as ModuleBody;
  body(module.exports, require, module, module.filename, path.dirname(module.filename));
}

function readKept(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined; // the first run
  }
}

function keepOnce(script: Script, file: string): void {
  let isKept = false;
  const keep = (): void => {
    if (isKept) return;
    isKept = true;
    const beside = `${file}.${process.pid}`;
    try {
      fs.writeFileSync(beside, script.createCachedData());
      fs.renameSync(beside, file);
    } catch {
      // where the user who runs it may not write, every run compiles anew
    }
  };
  setTimeout(keep, servesMs).unref();
  process.once('exit', keep);
}
