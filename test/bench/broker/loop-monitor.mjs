import fs from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into a broker's process with --import: adds lines "time stall own late,late…" (ms) to LOOP_MONITOR_FILE, ten a second: the longest
 * stretch in which the event loop stood still, and the longest less what the thread only waited for a processor that others had
 * (Linux tells it in schedstat), since that says more of the machine than of the broker. Behind them, how late each tick was. Threads of the broker load it too,
 * and are left alone: what they do at length is what they are for.
 */
const everyMs = 100;
const resolutionMs = 5;
const file = process.env.LOOP_MONITOR_FILE;
if (file !== undefined && isMainThread) {
  const schedstat = fs.openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  const text = Buffer.alloc(100);
  const waitedMs = () => Number(text.toString('latin1', 0, fs.readSync(schedstat, text, 0, text.length, 0)).split(' ')[1]) / 1e6;
  let at = Infinity; // until the loop turns: loading the program is no stall
  let waited = 0;
  let stall = 0;
  let own = 0;
  let ticks = [];
  setInterval(() => {
    const [nowAt, nowWaited] = [performance.now(), waitedMs()];
    const late = nowAt - at - resolutionMs;
    stall = Math.max(stall, late);
    own = Math.max(own, late - (nowWaited - waited));
    if (late > -Infinity) ticks.push(Math.max(0, late).toFixed(1));
    [at, waited] = [nowAt, nowWaited];
  }, resolutionMs).unref();
  setInterval(() => {
    fs.appendFileSync(file, `${Date.now()} ${stall.toFixed(1)} ${own.toFixed(1)} ${ticks.join(',')}\n`);
    [stall, own, ticks] = [0, 0, []];
  }, everyMs).unref();
}
