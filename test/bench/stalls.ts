import process from 'node:process';
import { startMonitoredBroker } from './broker/monitored-broker.ts';
import { scenarios } from './broker/stall-scenarios.ts';

/** What stalls the event loop of a broker, and for how long. Words on the command line choose the scenarios whose names have one of them. */
const words = process.argv.slice(2);
const chosen = scenarios.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));

process.stdout.write('| what | took: s | p99: ms | max: ms | max without waiting for a processor: ms |\n|---|---:|---:|---:|---:|\n');
for (const { name, properties = {}, prepare, run } of chosen) {
  const target = await startMonitoredBroker(properties);
  try {
    await prepare?.(target);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const startedMs = Date.now();
    await run(target);
    const took = (Date.now() - startedMs) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 300)); // the monitor writes ten times a second
    const { p99, max, ownMax } = target.delaysSince(startedMs);
    process.stdout.write(`| ${name} | ${took.toFixed(1)} | ${p99.toFixed(1)} | ${max.toFixed(0)} | ${ownMax.toFixed(0)} |\n`);
    for (const line of target.broker.output().split('\n')) if (line.includes('stood still')) process.stderr.write(`  ${line}\n`);
  } catch (error) {
    process.stdout.write(`| ${name} | failed: ${(error as Error).message} |\n${target.broker.output().split('\n').slice(-8).join('\n')}\n`);
  } finally {
    await target.close();
  }
}
