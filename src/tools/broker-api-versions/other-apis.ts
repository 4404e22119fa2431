/** An API and the versions of it that a 3.9.1 client speaks. */
export interface KnownApi {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/** APIs of 3.9.1 that only KRaft clusters have: printed as UNSUPPORTED by any other. */
export const kraftApis: ReadonlyMap<number, KnownApi> = new Map(
  (
    [
      [55, 'DescribeQuorum', 2],
      [64, 'UnregisterBroker', 0],
      [71, 'GetTelemetrySubscriptions', 0],
      [72, 'PushTelemetry', 0],
      [74, 'ListClientMetricsResources', 0],
      [75, 'DescribeTopicPartitions', 0],
      [76, 'ShareGroupHeartbeat', 0],
      [77, 'ShareGroupDescribe', 0],
      [78, 'ShareFetch', 0],
      [79, 'ShareAcknowledge', 0],
      [80, 'AddRaftVoter', 0],
      [81, 'RemoveRaftVoter', 0],
      [83, 'InitializeShareGroupState', 0],
      [84, 'ReadShareGroupState', 0],
      [85, 'WriteShareGroupState', 0],
      [86, 'DeleteShareGroupState', 0],
      [87, 'ReadShareGroupStateSummary', 0],
    ] as const
  ).map(([key, name, max]) => [key, { name, min: 0, max }]),
);
