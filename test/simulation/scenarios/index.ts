import { threeBrokers, threeBrokersEach, threeBrokersRecords } from './cluster.ts';
import { oneBrokerKilled } from './one-broker-killed.ts';
import { oneBrokerLosesPower } from './one-broker-loses-power.ts';
import type { Scenario } from './scenario.ts';

/** A seed chooses one of them. */
export const scenarios: readonly Scenario[] = [oneBrokerKilled, threeBrokers, oneBrokerLosesPower, threeBrokers];

/** All that can be asked for by name. */
export const namedScenarios: readonly Scenario[] = [...new Set(scenarios), threeBrokersRecords, ...threeBrokersEach];
