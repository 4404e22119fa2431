import { Worker as Thread } from 'node:worker_threads';
import { errorOf } from './worker-messages.ts';
import type { WorkerReply } from './worker-messages.ts';
import { WorkCancelled } from './workers.ts';
import type { Worker, Workers } from './workers.ts';

/** Objects of a worker live briefly: a small young generation keeps a busy thread small. What is large lies outside the heap. */
const heapLimits = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 };

/** Threads of this process. */
export const nodeWorkers: Workers = {
  start<Request, Answer>({ file }: { readonly file: URL }): Worker<Request, Answer> {
    const cancelled = new Int32Array(new SharedArrayBuffer(4));
    const isSource = file.pathname.endsWith('.ts');
    const started = isSource ? new URL('./source-worker.mjs', import.meta.url) : file;
    const thread = new Thread(started, { workerData: cancelled, resourceLimits: heapLimits, argv: isSource ? [file.href] : [] });
    thread.unref();
    let pending: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void } | undefined;
    let ended: Error | undefined;

    const end = (error: Error): void => {
      ended ??= error;
      pending?.reject(ended);
      pending = undefined;
    };
    thread.on('message', (reply: WorkerReply<Answer>) => {
      if (pending === undefined) return; // closed: the answer was under way already
      const { resolve, reject } = pending;
      pending = undefined;
      thread.unref();
      if (reply.kind === 'answer') resolve(reply.answer);
      else reject(errorOf(reply.error));
    });
    thread.on('error', end);
    thread.on('exit', (code) => end(new Error(`A worker thread ended with code ${code}`)));

    return {
      ask(request) {
        return new Promise((resolve, reject) => {
          if (ended !== undefined) {
            reject(ended);
            return;
          }
          pending = { resolve, reject };
          Atomics.store(cancelled, 0, 0);
          thread.ref();
          thread.postMessage(request);
        });
      },
      cancel: () => void Atomics.store(cancelled, 0, 1),
      close() {
        end(new WorkCancelled());
        void thread.terminate();
      },
    };
  },
};
