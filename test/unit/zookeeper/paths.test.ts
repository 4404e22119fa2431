import { expect } from 'chai';
import fc from 'fast-check';
import { aclPath, configEntityPath, defaultAcls, desanitizeName, partitionStatePath, persistentPaths, sanitizeName, sequenceNumber } from '../../../src/zookeeper/paths.ts';

describe('paths in ZooKeeper', () => {
  it('has the directories of a starting broker in the order of Apache Kafka 3.9.1', () => {
    expect(persistentPaths()).to.deep.equal([
      '/consumers', '/brokers/ids', '/brokers/topics', '/config/changes', '/admin/delete_topics', '/brokers/seqid', '/isr_change_notification',
      '/latest_producer_id_block', '/log_dir_event_notification', '/config/topics', '/config/clients', '/config/users', '/config/brokers', '/config/ips',
    ]);
    expect(persistentPaths(false).at(-1)).to.equal('/config/brokers');
  });

  it('puts things where Kafka looks for them', () => {
    expect(partitionStatePath('t1', 3)).to.equal('/brokers/topics/t1/partitions/3/state');
    expect(configEntityPath('users/alice/clients/c1')).to.equal('/config/users/alice/clients/c1');
    expect(aclPath('LITERAL', 'Group', '*')).to.equal('/kafka-acl/Group/*');
    expect(aclPath('PREFIXED', 'Topic', 'pre')).to.equal('/kafka-acl-extended/prefixed/Topic/pre');
  });

  it('encodes names as Kafka does', () => {
    expect(sanitizeName('my client/1')).to.equal('my%20client%2F1');
    expect(sanitizeName('CN=u, O=x')).to.equal('CN%3Du%2C%20O%3Dx');
    expect(sanitizeName("*~!'()")).to.equal('%2A%7E%21%27%28%29');
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      expect(desanitizeName(sanitizeName(name))).to.equal(name);
      expect(sanitizeName(name)).to.match(/^(?:[A-Za-z0-9._-]|%[0-9A-F]{2})*$/);
    }), { numRuns: 100 });
  });

  it('reads the number of a sequential node', () => {
    expect(sequenceNumber('/config/changes/config_change_0000000012')).to.equal(12);
    expect(sequenceNumber('config_change_')).to.deep.equal(Number.NaN);
  });

  it('keeps secrets from the world only with zookeeper.set.acl', () => {
    const world = { scheme: 'world', id: 'anyone', permissions: 1 };
    const creator = { scheme: 'auth', id: '', permissions: 31 };
    expect(defaultAcls(false, '/config/users/alice')).to.deep.equal([{ ...world, permissions: 31 }]);
    expect(defaultAcls(true, '/config/users/alice')).to.deep.equal([creator]);
    expect(defaultAcls(true, '/brokers/ids/1')).to.deep.equal([creator, world]);
    expect(defaultAcls(true, '/consumers')).to.deep.equal([{ ...world, permissions: 31 }]);
  });
});
