import { interBrokerVersions } from '../protocol/inter-broker-versions.ts';

/** What the controller says to brokers and writes to znodes, by inter.broker.protocol.version. */
export interface InterBrokerProtocol {
  readonly leaderAndIsrVersion: number;
  readonly updateMetadataVersion: number;
  readonly stopReplicaVersion: number;
  readonly controlledShutdownVersion: number;
  /** Since 2.8 topics have ids. */
  readonly hasTopicIds: boolean;
  /** `version` of /brokers/topics/T. */
  readonly topicZnodeVersion: number;
  /** `version` of /brokers/ids/N: 5 since 2.7, with features. */
  readonly brokerZnodeVersion: number;
  /** `version` of /controller: 2 since 3.4. */
  readonly controllerZnodeVersion: number;
  /** Since 2.7 features are versioned: /feature says so. */
  readonly hasFeatures: boolean;
  /** `version` of /feature: 2 since 3.3. */
  readonly featureZnodeVersion: number;
  /** /config/ips exists since 2.7. */
  readonly hasIpConfigs: boolean;
}

/**
 * @param text value of inter.broker.protocol.version
 * @throws RangeError when it is none of 2.4 to 3.9
 */
export function interBrokerProtocol(text: string): InterBrokerProtocol {
  const versions = interBrokerVersions(text);
  const [major = 0, minor = 0] = versions.release.split(/[.-]/).map(Number);
  const release = major * 100 + minor;
  return {
    leaderAndIsrVersion: versions.leaderAndIsr,
    updateMetadataVersion: versions.updateMetadata,
    stopReplicaVersion: versions.stopReplica,
    controlledShutdownVersion: versions.controlledShutdown,
    hasTopicIds: versions.hasTopicIds,
    topicZnodeVersion: versions.hasTopicIds ? 3 : 2,
    brokerZnodeVersion: versions.hasFeatureZnode ? 5 : 4,
    controllerZnodeVersion: release >= 304 ? 2 : 1,
    hasFeatures: versions.hasFeatureZnode,
    featureZnodeVersion: release >= 303 ? 2 : 1,
    hasIpConfigs: versions.hasFeatureZnode,
  };
}
