import type { WorkerModule } from '../../runtime/workers.ts';
import type { CleanerAnswer, CleanerRequest } from './messages.ts';
import { createCleanerService } from './service.ts';

/** Set by src/build.mjs: where dist has the worker's bundle, seen from the bundle that this file is in. */
declare const cleanerWorkerBundle: string | undefined;

/** In dist a bundle of its own, in the sources the file beside this one. */
const file = typeof cleanerWorkerBundle === 'string' ? new URL(cleanerWorkerBundle, import.meta.url) : new URL('./worker.ts', import.meta.url);

/** In this thread, codecs are as the process has loaded them. */
export const cleanerWorker: WorkerModule<CleanerRequest, CleanerAnswer> = { file, create: createCleanerService(() => Promise.resolve()) };
