import { initialiseCodecs } from '../../record/initialise-codecs.ts';
import { serveWorker } from '../../runtime/node-worker-thread.ts';
import { createCleanerService } from './service.ts';

/** What a cleaner's thread runs: src/build.mjs makes a bundle of it. Native codecs are loaded when a batch needs one. */
void initialiseCodecs(['crc32c']);
serveWorker(createCleanerService(async (codec) => {
  if (codec === 'snappy' || codec === 'lz4' || codec === 'zstd') await initialiseCodecs([codec]);
}));
