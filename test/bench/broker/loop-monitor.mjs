import fs from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Loaded into a broker's process with --import: adds a line "time delay" (both ms) to LOOP_MONITOR_FILE for each stretch in which the event loop stood still longest. */
const everyMs = 100;
const file = process.env.LOOP_MONITOR_FILE;
if (file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  setInterval(() => {
    fs.appendFileSync(file, `${Date.now()} ${(delay.max / 1e6).toFixed(1)}\n`);
    delay.reset();
  }, everyMs).unref();
}
