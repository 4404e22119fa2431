import { featurePath } from '../zookeeper/paths.ts';
import { decodeFeature, encodeFeature } from '../zookeeper/znodes/feature.ts';
import type { FeatureNode } from '../zookeeper/znodes/feature.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import type { GuardedWriter } from './guarded-writer.ts';
import type { InterBrokerVersions } from '../protocol/inter-broker-versions.ts';

/** What /feature is to hold under a new controller (KIP-584): levels stay while features are versioned, and are dropped when they no more are. */
export function nextFeatureNode(stored: FeatureNode | undefined, { hasFeatureZnode, featureZnodeVersion }: Pick<InterBrokerVersions, 'hasFeatureZnode' | 'featureZnodeVersion'>): FeatureNode {
  return { version: featureZnodeVersion, isEnabled: hasFeatureZnode, features: hasFeatureZnode && stored?.isEnabled === true ? stored.features : {} };
}

/** The first thing that a new controller does: brokers of 2.7 and later wait for this node. */
export async function writeFeatureNode(zookeeper: ZooKeeper, writer: GuardedWriter, protocol: InterBrokerVersions): Promise<void> {
  const found = await zookeeper.find(featurePath);
  const data = encodeFeature(nextFeatureNode(found === undefined ? undefined : decodeFeature(found.data), protocol));
  if (found === undefined) await writer.write([{ kind: 'create', path: featurePath, data }]);
  else if (!found.data.equals(data)) await writer.write([{ kind: 'set', path: featurePath, data, version: found.stat.version }]);
}
