/** What brokers of a cluster may say to each other, by inter.broker.protocol.version (api-versions of Kafka 3.9). */
export interface InterBrokerProtocol {
  readonly leaderAndIsrVersion: number;
  readonly updateMetadataVersion: number;
  readonly stopReplicaVersion: number;
  /** Since 2.8 topics have ids. */
  readonly hasTopicIds: boolean;
  /** `version` of /brokers/topics/T. */
  readonly topicZnodeVersion: number;
  /** `version` of /brokers/ids/N: 5 since 2.7, with features. */
  readonly brokerZnodeVersion: number;
  /** `version` of /controller: 2 since 3.4. */
  readonly controllerZnodeVersion: number;
  /** /feature exists since 2.7. */
  readonly hasFeatures: boolean;
  /** /config/ips exists since 2.7. */
  readonly hasIpConfigs: boolean;
}

/**
 * @param text such as `3.9`, `3.9-IV0` or `2.4-IV1`
 * @throws RangeError for a version before 2.4 or after 3.9, or a text that is none
 */
export function interBrokerProtocol(text: string): InterBrokerProtocol {
  const found = /^(\d+)\.(\d+)(?:\.\d+)?(?:-IV(\d+))?$/.exec(text);
  if (found === null) throw new RangeError(`Version ${text} is not a valid version: inter.broker.protocol.version is like 3.9 or 2.4-IV1`);
  const version = Number(found[1]) * 100 + Number(found[2]);
  if (version < 204 || version > 309) throw new RangeError(`inter.broker.protocol.version ${text} is not supported; 2.4 to 3.9 are`);
  const isFirstOf24 = version === 204 && found[3] === '0';
  return {
    leaderAndIsrVersion: pick(version, [[304, 7], [302, 6], [208, 5], [204, isFirstOf24 ? 3 : 4]]),
    updateMetadataVersion: pick(version, [[304, 8], [208, 7], [204, isFirstOf24 ? 5 : 6]]),
    stopReplicaVersion: pick(version, [[304, 4], [206, 3], [204, isFirstOf24 ? 1 : 2]]),
    hasTopicIds: version >= 208,
    topicZnodeVersion: version >= 208 ? 3 : 2,
    brokerZnodeVersion: version >= 207 ? 5 : 4,
    controllerZnodeVersion: version >= 304 ? 2 : 1,
    hasFeatures: version >= 207,
    hasIpConfigs: version >= 207,
  };
}

function pick(version: number, table: readonly (readonly [number, number])[]): number {
  return table.find(([since]) => version >= since)![1];
}
