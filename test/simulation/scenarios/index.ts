import { oneBrokerKilled } from './one-broker-killed.ts';
import type { Scenario } from './scenario.ts';

/** A seed chooses one of them. */
export const scenarios: readonly Scenario[] = [oneBrokerKilled];
