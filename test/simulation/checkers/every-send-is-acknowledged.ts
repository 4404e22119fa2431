import type { Checker } from './checker.ts';

/** Brokers come back long before a producer gives up, so each record is acknowledged in the end. */
export const everySendIsAcknowledged: Checker = ({ sent, topic }) =>
  sent.flatMap(({ value, acknowledged, failure }) => (acknowledged === undefined ? [`${value} of ${topic} was not acknowledged: ${failure?.message ?? 'no answer'}`] : []));
