import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parseProperties } from '../../../src/runtime/config/properties-file.ts';
import { ConfigError, serverSettings } from '../../../src/tools/zookeeper-server-start/server-properties.ts';

describe('zookeeper.properties', () => {
  it('that is shipped starts the server without a warning', () => {
    const { settings, ignored } = serverSettings(parseProperties(readFileSync(new URL('../../../config/zookeeper.properties', import.meta.url), 'utf8')));
    expect(ignored).to.deep.equal([]);
    expect(settings).to.include({ dataDirectory: '/tmp/zookeeper', port: 2181, maxClientConnections: 0 });
  });

  it('names what has no effect', () => {
    const { settings, ignored } = serverSettings({ dataDir: '/d', clientPort: '1', nonsense: '1', 'metricsProvider.httpPort': '7000', skipACL: 'yes', maxSessionTimeout: '-1', preAllocSize: '64' });
    expect(ignored).to.deep.equal(['nonsense']);
    expect(settings).to.include({ skipAcl: true, maxSessionTimeoutMs: undefined, preallocateBytes: 65_536 });
  });

  for (const [what, properties] of [
    ['an ensemble', { dataDir: '/d', clientPort: '1', 'server.1': 'a:1:2' }],
    ['TLS', { dataDir: '/d', clientPort: '1', secureClientPort: '2' }],
    ['SASL', { dataDir: '/d', clientPort: '1', 'authProvider.1': 'x' }],
    ['no dataDir', { clientPort: '1' }],
    ['no clientPort', { dataDir: '/d' }],
    ['a number that is none', { dataDir: '/d', clientPort: '1', tickTime: 'x' }],
  ] as const) {
    it(`is refused with ${what}`, () => {
      expect(() => serverSettings(properties)).to.throw(ConfigError);
    });
  }
});
