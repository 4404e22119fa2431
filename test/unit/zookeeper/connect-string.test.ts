import { expect } from 'chai';
import { parseConnectString } from '../../../src/zookeeper/connect-string.ts';
import { ZooKeeperError } from '../../../src/zookeeper/zookeeper.ts';

describe('zookeeper.connect', () => {
  it('names servers, with 2181 where no port is given, and a chroot', () => {
    expect(parseConnectString('a:1,b, [::1]:3/kafka/x')).to.deep.equal({
      servers: [{ host: 'a', port: 1 }, { host: 'b', port: 2181 }, { host: '::1', port: 3 }],
      chroot: '/kafka/x',
    });
  });

  it('has no chroot where the path is the root', () => {
    expect(parseConnectString('a:1/').chroot).to.equal('');
    expect(parseConnectString('a:1').chroot).to.equal('');
  });

  for (const text of ['', '/x', ',', 'a:0', 'a:65536', 'a:b', 'a:1//x', 'a:1/x/../y', '::1:2181']) {
    it(`is refused as ${JSON.stringify(text)}`, () => {
      expect(() => parseConnectString(text)).to.throw(ZooKeeperError).with.property('name', 'BAD_ARGUMENTS');
    });
  }
});
