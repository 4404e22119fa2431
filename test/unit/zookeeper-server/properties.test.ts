import path from 'node:path';
import { expect } from 'chai';
import { InvalidProperties, parseZooKeeperProperties } from '../../../src/zookeeper-server/properties.ts';

describe('zoo.cfg', () => {
  it('as Kafka ships it is understood', () => {
    const parsed = parseZooKeeperProperties('# comment\ndataDir=/tmp/zookeeper\n# the port\nclientPort=2181\nmaxClientCnxns=0\nadmin.enableServer=false\n');
    expect(parsed).to.deep.include({ dataDirectory: path.resolve('/tmp/zookeeper'), port: 2181, maxClientConnections: 0, ignored: [] });
  });

  it('gives every setting its unit', () => {
    const text = [
      'dataDir: rel', 'dataLogDir = /logs', 'clientPort 0', 'clientPortAddress=127.0.0.1', 'tickTime=500', 'minSessionTimeout=-1', 'maxSessionTimeout=60000',
      'autopurge.snapRetainCount=5', 'autopurge.purgeInterval=24', '4lw.commands.whitelist=stat, ruok,', 'zookeeper.snapCount=10', 'jute.maxbuffer=4194304',
      'preAllocSize=4', 'forceSync=no', 'extendedTypesEnabled=true', 'initLimit=5', 'sslQuorum=false', 'snapshot.trust.empty=TRUE',
    ].join('\r\n');
    const parsed = parseZooKeeperProperties(text);
    expect(parsed).to.deep.include({
      dataDirectory: path.resolve('rel'), dataLogDirectory: path.resolve('/logs'), host: '127.0.0.1', port: 0, tickTimeMs: 500, minSessionTimeoutMs: undefined,
      maxSessionTimeoutMs: 60_000, purgeRetainCount: 5, purgeIntervalHours: 24, whitelist: ['stat', 'ruok'], snapCount: 10, juteMaxBufferBytes: 4_194_304,
      preallocateBytes: 4096, forceSync: false, extendedTypes: true, trustEmptySnapshot: true, ignored: ['sslQuorum'],
    });
  });

  it('is read as Java reads properties: escapes, and lines that go on', () => {
    expect(parseZooKeeperProperties('dataDir=C\\:\\\\zk\nclientPort=\\\n   2181\n! also a comment\n').port).to.equal(2181);
  });

  const refused: readonly (readonly [why: string, text: string, message: RegExp])[] = [
    ['no data folder', 'clientPort=1', /dataDir is not set/],
    ['no port', 'dataDir=/x', /clientPort is not set/],
    ['a port that is no number', 'dataDir=/x\nclientPort=abc', /clientPort=abc/],
    ['a tick of nothing', 'dataDir=/x\nclientPort=1\ntickTime=0', /tickTime=0/],
    ['an ensemble', 'dataDir=/x\nclientPort=1\nserver.1=a:1:2\nserver.2=b:1:2', /server\.1, server\.2: this is a single server/],
    ['TLS', 'dataDir=/x\nclientPort=1\nsecureClientPort=2', /no TLS/],
    ['session times the wrong way round', 'dataDir=/x\nclientPort=1\nmaxSessionTimeout=100', /minSessionTimeout must not be larger/],
  ];
  for (const [why, text, message] of refused) {
    it(`with ${why} is refused`, () => {
      expect(() => parseZooKeeperProperties(text)).to.throw(InvalidProperties, message);
    });
  }
});
