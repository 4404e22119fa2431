import type { History } from '../history.ts';

/** Says what is wrong with a history; nothing when it is as it must be. */
export type Checker = (history: History) => string[];
