import { parentPort, workerData } from 'node:worker_threads';
import { nodeClock } from './node-clock.ts';
import { nodeDisk } from './node-disk.ts';
import { copyError } from './worker-messages.ts';
import type { WorkerReply } from './worker-messages.ts';
import { WorkCancelled } from './workers.ts';
import type { WorkerService } from './workers.ts';

/** The other end of `nodeWorkers`: what a thread's file calls. */
export function serveWorker<Request, Answer>(create: WorkerService<Request, Answer>): void {
  const cancelled = workerData as Int32Array;
  const port = parentPort!;
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
