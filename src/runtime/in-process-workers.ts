import { WorkCancelled } from './workers.ts';
import type { Workers, WorkerSeams } from './workers.ts';

/**
 * Workers without threads, for the simulator and for tests: the work shares the event loop and lets others run at each
 * checkpoint.
 */
export function inProcessWorkers(seams: WorkerSeams): Workers {
  return {
    start(module) {
      const serve = module.create(seams);
      let isClosed = false;
      let isCancelled = false;
      return {
        ask(request) {
          isCancelled = isClosed;
          return serve(request, {
            async checkpoint() {
              await new Promise<void>((resolve) => seams.clock.defer(resolve));
              if (isCancelled) throw new WorkCancelled();
            },
          });
        },
        cancel() {
          isCancelled = true;
        },
        close() {
          isClosed = true;
          isCancelled = true;
        },
      };
    },
  };
}
