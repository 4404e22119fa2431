import { randomBytes, randomInt } from 'node:crypto';
import type { Random } from './random.ts';

export const nodeRandom: Random = {
  integer: (bound) => randomInt(bound),
  bytes: (length) => randomBytes(length),
};
