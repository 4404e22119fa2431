import type { Codec } from '../record/batch.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Network } from '../runtime/network.ts';
import type { Random } from '../runtime/random.ts';

/** The seams that every client works through; `index.ts` brings the machine's own, a test or the simulator others. */
export interface ClientRuntime {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly logger: Logger;
  /** Loads the optional native package of a codec, once; zstd has no other. */
  readonly loadCodec: (codec: Codec) => Promise<void>;
}
