import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { kafkaHome } from '../interop/real-kafka.ts';
import { startOurZooKeeper } from '../support/processes.ts';
import { readArguments } from './arguments.ts';
import type { Names, Wanted } from './arguments.ts';
import { Unavailable, sideNames } from './bench.ts';
import type { Bench, Figures, OpenBench, SideName } from './bench.ts';
import { commitOf, thisMachine } from './report/machine.ts';
import { keep, resultsIn, withResults } from './report/result.ts';
import { summarise, unmeasured } from './report/summary.ts';
import type { Rounds } from './report/summary.ts';
import { tableOf } from './report/table.ts';

/**
 * `npm run bench [-- name… --rounds N --minutes N --quick --out FOLDER]`: our side and the other's in turns, round by round. Prints medians,
 * spread and ratios beside what is asked of them. Timings fail nothing: the exit code is 1 only when a bench could not run at all.
 */
const benchesFolder = path.join(import.meta.dirname, 'benches');
const resultsFolder = path.join(import.meta.dirname, 'results');
const page = path.join(import.meta.dirname, 'README.md');

async function allBenches(): Promise<readonly Bench[]> {
  const files = fs.readdirSync(benchesFolder).filter((file) => file.endsWith('.ts')).sort();
  return Promise.all(
    files.map(async (file) => {
      const { bench } = (await import(path.join(benchesFolder, file))) as { readonly bench: Bench };
      if (`${bench.name}.ts` !== file) throw new Error(`${file} is the bench ${bench.name}: file and bench have one name`);
      return bench;
    }),
  );
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text}`);
}

/** Both, or ours alone where Apache Kafka cannot be had; then says so. */
function sidesHere(): readonly SideName[] {
  try {
    kafkaHome('3.9.1');
    return sideNames;
  } catch (error) {
    process.stdout.write(`without Apache Kafka, which could not be had: ${(error as Error).message.split('\n')[0]}\n`);
    return ['ours'];
  }
}

async function runBench(bench: Bench): Promise<Rounds> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `ottla-bench-${bench.name}-`));
  const zookeeper = await startOurZooKeeper(folder);
  const brokenOff = (): void => {
    zookeeper.process.kill('SIGKILL');
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', brokenOff);
  const open = new Map<SideName, OpenBench>();
  const measured = { ours: [] as Figures[], 'Kafka 3.9.1': [] as Figures[] };
  try {
    for (const [index, side] of sides.entries()) {
      const tell = (text: string): void => progress(`${bench.name}, ${side}: ${text}`);
      tell('starting and warming up');
      const context = { folder: path.join(folder, String(index)), isQuick, minutes, zookeeper: `127.0.0.1:${zookeeper.port}/${index}`, progress: tell };
      open.set(side, await bench.open(side, context));
    }
    for (let round = 0; round < rounds; round++) {
      // Each is first as often as the other, should one leave work behind for who comes next.
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        progress(`${bench.name}, ${side}: round ${round + 1} of ${rounds}`);
        measured[side].push(await open.get(side)!.round(round));
      }
    }
  } finally {
    progress('');
    for (const each of open.values()) await each.close();
    await zookeeper.stop();
    process.removeListener('exit', brokenOff);
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return { ours: measured.ours, theirs: measured['Kafka 3.9.1'] };
}

function readWanted(names: Names): Wanted {
  try {
    return readArguments(process.argv.slice(2), names, resultsFolder);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}

async function report(bench: Bench): Promise<void> {
  const { name, title, against = 'Kafka 3.9.1' } = bench;
  process.stdout.write(`\n## ${name}: ${title}\n\n`);
  const measured = await runBench(bench);
  const rows = summarise(bench, measured);
  process.stdout.write(tableOf(rows, against));
  const date = new Date().toISOString();
  if (out !== undefined) keep(out, { bench: name, title, against, rounds, isQuick, date, commit: commitOf(import.meta.dirname), machine: thisMachine(), rows });
  const lost = isQuick ? [] : unmeasured(bench, measured);
  if (lost.length > 0) throw new Error(`a bar is for what was not measured: ${lost.join(', ')}`);
}

if (!fs.existsSync(path.join(import.meta.dirname, '../../dist/tools/kafka-server-start.cjs'))) throw new Error('there is no dist to measure: npm run build makes it');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
const benches = await allBenches();
const namesOf = (chosen: readonly Bench[]): readonly string[] => chosen.map(({ name }) => name);
const { names, rounds, isQuick, minutes, out } = readWanted({
  all: namesOf(benches),
  usual: namesOf(benches.filter(({ onlyWhenNamed }) => onlyWhenNamed !== true)),
  quick: namesOf(benches.filter(({ inQuick }) => inQuick === true)),
});
const sides = sidesHere();
if (isQuick) process.stdout.write(`quick: ${names.join(', ')} of ${namesOf(benches).join(', ')}; ${rounds} short rounds, to see that they run; the figures are for the record\n`);
let failures = 0;
for (const name of names) {
  try {
    await report(benches.find((each) => each.name === name)!);
  } catch (error) {
    if (!(error instanceof Unavailable)) failures++;
    process.stdout.write(error instanceof Unavailable ? `not run: ${error.message}\n` : `failed: ${(error as Error).stack}\n`);
  }
}
if (out === resultsFolder) fs.writeFileSync(page, withResults(fs.readFileSync(page, 'utf8'), resultsIn(out)));
process.exit(failures > 0 ? 1 : 0);
