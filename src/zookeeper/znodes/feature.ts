import { encodeJson, MalformedZnode, ZnodeObject } from './json.ts';

/** `/feature`: the cluster's finalized features (KIP-584). */
export interface FeatureNode {
  /** 2 with inter.broker.protocol.version 3.3 or later, else 1. */
  readonly version: number;
  readonly isEnabled: boolean;
  /** Highest version level by feature name. */
  readonly features: Readonly<Record<string, number>>;
}

export function encodeFeature({ version, isEnabled, features }: FeatureNode): Buffer {
  const levels = Object.fromEntries(Object.entries(features)
    .map(([name, level]) => [name, version === 1 ? { max_version_level: level, min_version_level: level } : { max_version_level: level }]));
  return encodeJson({ features: levels, version, status: isEnabled ? 1 : 0 });
}

/** @throws MalformedZnode */
export function decodeFeature(bytes: Uint8Array): FeatureNode {
  const object = ZnodeObject.parse('feature node', bytes);
  const version = object.integer('version');
  const status = object.integer('status');
  if (version < 1 || version > 2) throw new MalformedZnode(`feature node has the unknown version ${version}`);
  if (status !== 0 && status !== 1) throw new MalformedZnode(`feature node has the unknown status ${status}`);
  const features = object.object('features');
  return {
    version,
    isEnabled: status === 1,
    features: Object.fromEntries(features.keys().map((name) => [name, levelOf(name, features.object(name), version)])),
  };
}

function levelOf(name: string, levels: ZnodeObject, version: number): number {
  const highest = levels.integer('max_version_level');
  const lowest = version === 1 ? levels.integer('min_version_level') : 1;
  if (lowest < 1 || highest < lowest) throw new MalformedZnode(`feature node has levels ${lowest} to ${highest} for ${name}`);
  return highest;
}
