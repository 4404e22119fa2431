export interface Sample {
  readonly seconds: number;
  readonly value: number;
}

/** Slope of the straight line nearest to the samples by least squares, per second; NaN where there are no two moments. */
export function slopePerSecond(samples: readonly Sample[]): number {
  const meanOf = (pick: (sample: Sample) => number): number => samples.reduce((sum, sample) => sum + pick(sample), 0) / samples.length;
  const seconds = meanOf((sample) => sample.seconds);
  const value = meanOf((sample) => sample.value);
  const covariance = samples.reduce((sum, sample) => sum + (sample.seconds - seconds) * (sample.value - value), 0);
  const variance = samples.reduce((sum, sample) => sum + (sample.seconds - seconds) ** 2, 0);
  return covariance / variance;
}
