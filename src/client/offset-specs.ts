/** Timestamps with a meaning of their own in ListOffsets. */
export const offsetSpecs = { latest: -1, earliest: -2, maxTimestamp: -3, earliestLocal: -4, latestTiered: -5 } as const;
