/** The largest of some positive figures over the smallest: 1 is flat. */
export const flatness = (values: readonly number[]): number => Math.max(...values) / Math.min(...values);
