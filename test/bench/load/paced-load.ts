import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { connectFrames } from './frame-connection.ts';
import type { FrameConnection } from './frame-connection.ts';
import { dueMs, requestOf, sharedNowMs } from './schedule.ts';
import type { Schedule } from './schedule.ts';

export interface PacedLoad {
  readonly port: number;
  readonly connections: number;
  readonly ratePerSecond: number;
  readonly requests: number;
  /** Sent in turn; all of one size. */
  readonly frames: readonly Buffer[];
  /** Called with the first answer of each connection (without its size). */
  readonly check: (answer: Buffer) => void;
  /** Told before the first request leaves. */
  readonly onSchedule?: (schedule: Schedule) => void;
}

/** Connections and thread are there well before the first request is due. */
const leadMs = 300;

/**
 * Open loop: sends all requests at their moments, however late answers come.
 * @returns milliseconds from each request's meant moment to its answer, by its number
 */
export async function runPaced({ port, connections: count, ratePerSecond, requests, frames, check, onSchedule }: PacedLoad): Promise<Float64Array> {
  const latenciesMs = new Float64Array(requests);
  const yieldProcessors = claimProcessors();
  const connections: FrameConnection[] = [];
  let worker: Worker | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      let answered = 0;
      const schedule = (beginMs: number): Schedule => ({ beginMs, ratePerSecond, connections: count, requests });
      let current: Schedule | undefined;
      const open = (connection: number): Promise<FrameConnection> => {
        let nth = 0;
        return connectFrames(port, {
          answer(body) {
            if (nth === 0) check(body);
            const request = requestOf(current!, connection, nth++);
            latenciesMs[request] = sharedNowMs() - dueMs(current!, request);
            if (++answered === requests) resolve();
          },
          failed: reject,
        });
      };
      const start = async (): Promise<void> => {
        for (let connection = 0; connection < count; connection++) connections.push(await open(connection));
        current = schedule(sharedNowMs() + leadMs);
        onSchedule?.(current);
        worker = new Worker(new URL('pacer-thread.mjs', import.meta.url), {
          execArgv: [],
          workerData: { ...sharedFrames(frames), descriptors: connections.map(({ descriptor }) => descriptor), beginMs: current.beginMs, ratePerSecond, requests },
        });
        worker.once('error', reject);
      };
      start().catch(reject);
    });
  } finally {
    await worker?.terminate();
    yieldProcessors();
    for (const connection of connections) connection.close();
  }
  return latenciesMs;
}

/**
 * Clients have machines of their own. Here they share the processors with the broker: a generator that waits for one while the
 * broker computes measures itself. Of this thread and those that it starts; takes root, and is left out without.
 */
function claimProcessors(): () => void {
  try {
    os.setPriority(os.constants.priority.PRIORITY_HIGHEST);
  } catch {
    return () => undefined;
  }
  return () => os.setPriority(os.constants.priority.PRIORITY_NORMAL);
}

function sharedFrames(frames: readonly Buffer[]): { readonly frames: SharedArrayBuffer; readonly frameBytes: number } {
  const frameBytes = frames[0]!.length;
  if (frames.some((frame) => frame.length !== frameBytes)) throw new RangeError('paced frames have one size');
  const shared = new SharedArrayBuffer(frameBytes * frames.length);
  const bytes = new Uint8Array(shared);
  for (const [index, frame] of frames.entries()) bytes.set(frame, index * frameBytes);
  return { frames: shared, frameBytes };
}
