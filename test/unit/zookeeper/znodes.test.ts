import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { decodeAcl, encodeAcl } from '../../../src/zookeeper/znodes/acl.ts';
import { decodeExtendedAclChange, decodeLiteralAclChange, encodeAclChange } from '../../../src/zookeeper/znodes/acl-change.ts';
import { decodeBrokerId, encodeBrokerId } from '../../../src/zookeeper/znodes/broker-id.ts';
import { decodeClusterId, encodeClusterId } from '../../../src/zookeeper/znodes/cluster-id.ts';
import { decodeConfig, encodeConfig } from '../../../src/zookeeper/znodes/config.ts';
import { decodeConfigChange, encodeConfigChange } from '../../../src/zookeeper/znodes/config-change.ts';
import { decodeConsumerOffset, encodeConsumerOffset } from '../../../src/zookeeper/znodes/consumer-offset.ts';
import { decodeController, encodeController } from '../../../src/zookeeper/znodes/controller.ts';
import { decodeControllerEpoch, encodeControllerEpoch } from '../../../src/zookeeper/znodes/controller-epoch.ts';
import { decodeDelegationToken, encodeDelegationToken } from '../../../src/zookeeper/znodes/delegation-token.ts';
import { decodeDelegationTokenChange, encodeDelegationTokenChange } from '../../../src/zookeeper/znodes/delegation-token-change.ts';
import { decodeFeature, encodeFeature } from '../../../src/zookeeper/znodes/feature.ts';
import { decodeIsrChange, encodeIsrChange } from '../../../src/zookeeper/znodes/isr-change.ts';
import { MalformedZnode } from '../../../src/zookeeper/znodes/json.ts';
import { decodeProducerIdBlock, encodeProducerIdBlock } from '../../../src/zookeeper/znodes/latest-producer-id-block.ts';
import { decodeLogDirEvent, encodeLogDirEvent } from '../../../src/zookeeper/znodes/log-dir-event.ts';
import { decodePartitionState, encodePartitionState } from '../../../src/zookeeper/znodes/partition-state.ts';
import { decodePreferredReplicaElection, encodePreferredReplicaElection } from '../../../src/zookeeper/znodes/preferred-replica-election.ts';
import { decodeReassignPartitions, encodeReassignPartitions } from '../../../src/zookeeper/znodes/reassign-partitions.ts';
import { decodeScramCredential, encodeScramCredential } from '../../../src/zookeeper/znodes/scram-credential.ts';
import { decodeTopic, encodeTopic } from '../../../src/zookeeper/znodes/topic.ts';

/** Version of Apache Kafka, path, data: every different value in the golden trees of both. */
const golden = JSON.parse(readFileSync(new URL('golden-znodes.json', import.meta.url), 'utf8')) as [string, string, string][];

const decoders: readonly [RegExp, (bytes: Uint8Array) => unknown, (value: never) => Buffer][] = [
  [/^\/brokers\/ids\/\d+$/, decodeBrokerId, encodeBrokerId],
  [/^\/brokers\/topics\/[^/]+$/, decodeTopic, encodeTopic],
  [/\/partitions\/\d+\/state$/, decodePartitionState, encodePartitionState],
  [/^\/cluster\/id$/, decodeClusterId, encodeClusterId],
  [/^\/controller$/, decodeController, encodeController],
  [/^\/controller_epoch$/, decodeControllerEpoch, encodeControllerEpoch],
  [/^\/feature$/, decodeFeature, encodeFeature],
  [/^\/config\/changes\//, decodeConfigChange, encodeConfigChange],
  [/^\/config\/(topics|brokers|clients|users|ips)\//, decodeConfig, encodeConfig],
  [/^\/admin\/preferred_replica_election$/, decodePreferredReplicaElection, encodePreferredReplicaElection],
  [/^\/admin\/reassign_partitions$/, decodeReassignPartitions, encodeReassignPartitions],
  [/^\/isr_change_notification\//, decodeIsrChange, encodeIsrChange],
  [/^\/log_dir_event_notification\//, decodeLogDirEvent, encodeLogDirEvent],
  [/^\/latest_producer_id_block$/, decodeProducerIdBlock, encodeProducerIdBlock],
  [/^\/delegation_token\/tokens\//, decodeDelegationToken, encodeDelegationToken],
  [/^\/delegation_token\/token_changes\//, decodeDelegationTokenChange, encodeDelegationTokenChange],
  [/^\/kafka-acl(-extended\/prefixed)?\/[A-Z]/, decodeAcl, encodeAcl],
  [/^\/kafka-acl-changes\//, decodeLiteralAclChange, encodeAclChange],
  [/^\/kafka-acl-extended-changes\//, decodeExtendedAclChange, encodeAclChange],
  [/^\/consumers\//, decodeConsumerOffset, encodeConsumerOffset],
];

function codecOf(path: string): (typeof decoders)[number] {
  const codec = decoders.find(([pattern]) => pattern.test(path));
  if (codec === undefined) throw new Error(`no codec for ${path}`);
  return codec;
}

/** 2.4.1 prints partitions in hash order; every reader goes by key. */
function sortedPartitions(text: string): string {
  return text.startsWith('{') ? JSON.stringify(JSON.parse(text)) : text;
}

describe('what Kafka keeps in ZooKeeper', () => {
  for (const version of ['3.9.1', '2.4.1']) {
    it(`is decoded and written again as the bytes that ${version} wrote`, () => {
      for (const [writer, path, data] of golden) {
        if (writer !== version) continue;
        const [, decode, encode] = codecOf(path);
        const value = decode(Buffer.from(data));
        expect(encode(value as never).toString(), path).to.equal(sortedPartitions(data));
      }
    });
  }

  it('is read although newer versions add keys, in whatever order', () => {
    for (const [, path, data] of golden) {
      if (!data.startsWith('{')) continue;
      const [, decode, encode] = codecOf(path);
      const entries = Object.entries(JSON.parse(data) as Record<string, unknown>).toReversed();
      const later = JSON.stringify(Object.fromEntries([['from_the_future', { a: [1] }], ...entries]));
      expect(encode(decode(Buffer.from(later)) as never).toString(), path).to.equal(sortedPartitions(data));
    }
  });

  it('is refused with MalformedZnode when it is cut short or no JSON, and never otherwise', () => {
    fc.assert(fc.property(fc.constantFrom(...golden), fc.double({ min: 0, max: 0.999, noNaN: true }), fc.string(), ([, path, data], part, noise) => {
      const [, decode] = codecOf(path);
      for (const text of [data.slice(0, Math.floor(data.length * part)), noise, `[${data}]`, 'null', '{}']) {
        try {
          decode(Buffer.from(text));
        } catch (error) {
          expect(error, `${path}: ${text}`).to.be.instanceOf(MalformedZnode);
        }
      }
    }), { numRuns: 300 });
  });
});

describe('broker registration', () => {
  const registration = {
    version: 5, rack: undefined, jmxPort: -1, timestampMs: 7, features: {},
    endpoints: [{ listener: 'EXTERNAL', host: '::1', port: 9093, securityProtocol: 'SASL_SSL' }],
  };

  it('has neither host nor port when no listener is PLAINTEXT, and brackets IPv6', () => {
    expect(encodeBrokerId(registration).toString()).to.equal('{"features":{},"listener_security_protocol_map":{"EXTERNAL":"SASL_SSL"},'
      + '"endpoints":["EXTERNAL://[::1]:9093"],"jmx_port":-1,"port":-1,"host":null,"version":5,"timestamp":"7"}');
    expect(decodeBrokerId(encodeBrokerId(registration))).to.deep.equal(registration);
  });

  it('is read in the versions 1 to 3 of old brokers', () => {
    const old = '"host":"h","port":9092,"jmx_port":9999,"timestamp":"2233345666"';
    const plaintext = { listener: 'PLAINTEXT', host: 'h', port: 9092, securityProtocol: 'PLAINTEXT' };
    const common = { jmxPort: 9999, timestampMs: 2_233_345_666, features: {} };
    expect(decodeBrokerId(Buffer.from(`{"version":1,${old}}`))).to.deep.equal({ version: 1, rack: undefined, endpoints: [plaintext], ...common });
    expect(decodeBrokerId(Buffer.from(`{"version":3,${old},"rack":"dc1","endpoints":["PLAINTEXT://h:9092","SSL://h:9093"]}`))).to.deep.equal({
      version: 3, rack: 'dc1', ...common,
      endpoints: [plaintext, { listener: 'SSL', host: 'h', port: 9093, securityProtocol: 'SSL' }],
    });
  });

  it('keeps the ranges of supported features', () => {
    const features = { group_coordinator: { minVersion: 1, maxVersion: 3 } };
    expect(decodeBrokerId(encodeBrokerId({ ...registration, features })).features).to.deep.equal(features);
  });
});

describe('topic assignment', () => {
  it('comes back as it was written, in each version', () => {
    const replicas = fc.uniqueArray(fc.nat(2000), { minLength: 1, maxLength: 5 });
    const assignment = fc.record({ replicas, addingReplicas: fc.array(fc.nat(9), { maxLength: 2 }), removingReplicas: fc.array(fc.nat(9), { maxLength: 2 }) }, { noNullPrototype: true });
    const partitions = fc.array(assignment, { maxLength: 12 }).map((all) => new Map(all.entries()));
    fc.assert(fc.property(partitions, fc.option(fc.constant('OT08TVQzQ5ut5HcWE_L2ug'), { nil: undefined }), (map, topicId) => {
      const value = { version: 3, topicId, partitions: map };
      expect(decodeTopic(encodeTopic(value))).to.deep.equal(value);
    }), { numRuns: 100 });
  });

  it('of version 1 has no replicas in motion', () => {
    const value = decodeTopic(Buffer.from('{"version":1,"partitions":{"0":[1,2]}}'));
    expect(value.partitions.get(0)).to.deep.equal({ replicas: [1, 2], addingReplicas: [], removingReplicas: [] });
    expect(encodeTopic(value).toString()).to.equal('{"version":1,"partitions":{"0":[1,2]}}');
  });
});

describe('config znodes', () => {
  it('keep every property, whatever its name', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }), (config) => {
      expect(decodeConfig(encodeConfig(config))).to.deep.equal({ ...config });
    }), { numRuns: 100 });
  });

  it('are empty without data or without a config key', () => {
    expect(decodeConfig(Buffer.alloc(0))).to.deep.equal({});
    expect(decodeConfig(Buffer.from('{"version":1}'))).to.deep.equal({});
  });

  it('tell changes in version 1 too', () => {
    expect(decodeConfigChange(Buffer.from('{"version":1,"entity_type":"topics","entity_name":"t1"}'))).to.equal('topics/t1');
  });

  it('hold SCRAM credentials that come back as written', () => {
    const [, , data] = golden.find(([, path]) => path === '/config/users/alice') ?? expect.fail('no golden SCRAM user');
    for (const text of Object.values(decodeConfig(Buffer.from(data)))) {
      expect(encodeScramCredential(decodeScramCredential(text))).to.equal(text);
    }
    expect(() => decodeScramCredential('salt=QQ==,iterations=4096')).to.throw(MalformedZnode);
  });
});

describe('feature node', () => {
  it('of version 1 has lowest levels too', () => {
    const value = { version: 1, isEnabled: true, features: { f: 2 } };
    expect(encodeFeature(value).toString()).to.equal('{"features":{"f":{"max_version_level":2,"min_version_level":2}},"version":1,"status":1}');
    expect(decodeFeature(encodeFeature(value))).to.deep.equal(value);
  });

  it('is refused with levels that cannot be', () => {
    expect(() => decodeFeature(Buffer.from('{"version":2,"status":1,"features":{"f":{"max_version_level":0}}}'))).to.throw(MalformedZnode);
    expect(() => decodeFeature(Buffer.from('{"version":3,"status":1,"features":{}}'))).to.throw(MalformedZnode);
    expect(() => decodeFeature(Buffer.from('{"version":2,"status":2,"features":{}}'))).to.throw(MalformedZnode);
  });
});

describe('delegation token', () => {
  it('of version 1 was asked for by its owner', () => {
    const token = decodeDelegationToken(Buffer.from('{"version":1,"tokenId":"i","owner":"User%3Aa","renewers":[],"issueTimestamp":1,"expiryTimestamp":2,"maxTimestamp":3}'));
    expect(token.tokenRequester).to.equal('User:a');
  });
});
