import { interBrokerVersions } from '../protocol/inter-broker-versions.ts';

/** What the controller says to brokers and writes to znodes, by inter.broker.protocol.version. */
export interface InterBrokerProtocol {
  readonly leaderAndIsrVersion: number;
  readonly updateMetadataVersion: number;
  readonly stopReplicaVersion: number;
  readonly controlledShutdownVersion: number;
  /** Since 2.8 topics have ids. */
  readonly hasTopicIds: boolean;
  /** `version` of /brokers/ids/N: 5 since 2.7, with features. */
  readonly brokerZnodeVersion: number;
  /** Since 2.7 features are versioned: /feature says so. */
  readonly hasFeatures: boolean;
  /** `version` of /feature: 2 since 3.3. */
  readonly featureZnodeVersion: number;
}

/** `version` of /brokers/topics/T, as brokers since 2.8 write it under any inter.broker.protocol.version; older ones read it too. */
export const topicZnodeVersion = 3;
/** `version` of /controller, as brokers since 3.4 write it. */
export const controllerZnodeVersion = 2;

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
    brokerZnodeVersion: versions.hasFeatureZnode ? 5 : 4,
    hasFeatures: versions.hasFeatureZnode,
    featureZnodeVersion: release >= 303 ? 2 : 1,
  };
}
