import os from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { nodeClock } from './node-clock.ts';
import { nodeDisk } from './node-disk.ts';
import { copyError } from './worker-messages.ts';
import type { WorkerReply } from './worker-messages.ts';
import { WorkCancelled } from './workers.ts';
import type { WorkerService } from './workers.ts';

/**
 * The event loop goes first where there are too few processors. Linux alone has a priority for each thread: elsewhere the call
 * would slow down the whole process.
 */
function giveWay(): void {
  if (process.platform === 'linux') os.setPriority(os.constants.priority.PRIORITY_LOW);
}

/** The other end of `nodeWorkers`: what a thread's file calls. */
export function serveWorker<Request, Answer>(create: WorkerService<Request, Answer>): void {
  const cancelled = workerData as Int32Array;
  const port = parentPort!;
  giveWay();
  const serve = create({ disk: nodeDisk, clock: nodeClock });
  const task = {
    checkpoint(): Promise<void> {
      return Atomics.load(cancelled, 0) === 0 ? Promise.resolve() : Promise.reject(new WorkCancelled());
    },
  };
  const reply = (message: WorkerReply<Answer>): void => port.postMessage(message);
  port.on('message', (request: Request) => {
    serve(request, task).then(
      (answer) => reply({ kind: 'answer', answer }),
      (error: unknown) => reply({ kind: 'error', error: copyError(error) }),
    );
  });
}
