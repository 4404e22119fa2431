import fs from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * Writes each request to its connection at its moment: sleeps until then, writes by itself, and knows nothing of answers. A timer
 * of an event loop comes up to a millisecond late, which is longer than what is measured.
 */
const { frames, frameBytes, descriptors, beginMs, ratePerSecond, requests } = workerData;
const distinct = frames.byteLength / frameBytes;
const bytes = new Uint8Array(frames);
const never = new Int32Array(new SharedArrayBuffer(4));
const fullMs = 0.1;

const nowMs = () => {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
};

function write(descriptor, from, end) {
  for (let at = from; at < end; ) {
    try {
      at += fs.writeSync(descriptor, bytes, at, end - at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(never, 0, 0, fullMs); // the broker does not read just now: who waits for that counts from the meant moment
    }
  }
}

for (let request = 0; request < requests; request++) {
  const early = beginMs + (request * 1000) / ratePerSecond - nowMs();
  if (early > 0) Atomics.wait(never, 0, 0, early);
  const from = (request % distinct) * frameBytes;
  write(descriptors[request % descriptors.length], from, from + frameBytes);
}
parentPort.postMessage('sent');
