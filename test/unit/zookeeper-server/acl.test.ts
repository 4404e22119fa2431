import { expect } from 'chai';
import { AclTable, canonicalAddress, isPermitted, openAcl, readOnlyAcl, resolveAcl } from '../../../src/zookeeper-server/acl.ts';

describe('an address', () => {
  const table: readonly (readonly [string, string])[] = [
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['fe80::1:a0b%eth0', 'fe80:0:0:0:0:0:1:a0b'],
    ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1:2:3:4:5'],
  ];
  for (const [given, wanted] of table) it(`${given} is shown as ${wanted}`, () => expect(canonicalAddress(given)).to.equal(wanted));
});

describe('an ACL id', () => {
  const entry = (scheme: string, id: string): unknown => resolveAcl([{ permissions: 31, scheme, id }], []);
  const valid: readonly (readonly [string, string])[] = [['world', 'anyone'], ['digest', 'a:b'], ['digest', ':b'], ['digest', 'a:b:'], ['ip', '1.2.3.4'], ['ip', '1.2.3.4/0'], ['ip', '1.2.3.4/32']];
  const invalid: readonly (readonly [string, string])[] = [['world', 'other'], ['digest', 'a'], ['digest', 'a:'], ['digest', 'a::b'], ['ip', '1.2.3'], ['ip', '1.2.3.256'], ['ip', '1.2.3.4/33'], ['ip', '1.2.3.4/x'], ['ip', '::1'], ['sasl', 'x'], ['', '']];
  for (const [scheme, id] of valid) it(`${scheme}:${id} is taken`, () => expect(entry(scheme, id)).to.deep.equal([{ permissions: 31, scheme, id }]));
  for (const [scheme, id] of invalid) it(`${scheme}:${id} is refused`, () => expect(entry(scheme, id)).to.equal(-114));

  it('given twice is kept once', () => {
    expect(resolveAcl([readOnlyAcl[0]!, { ...readOnlyAcl[0]! }], [])).to.deep.equal(readOnlyAcl);
  });
});

describe('a permission by address', () => {
  const may = (address: string, range: string): boolean => isPermitted([{ permissions: 1, scheme: 'ip', id: range }], 1, [{ scheme: 'ip', id: address }]);
  it('looks at as many bits as the range says', () => {
    expect(may('10.20.30.40', '10.20.30.40')).to.equal(true);
    expect(may('10.20.30.41', '10.20.30.40/31')).to.equal(true);
    expect(may('10.20.30.42', '10.20.30.40/31')).to.equal(false);
    expect(may('99.1.1.1', '10.0.0.0/0')).to.equal(true);
    expect(may('0:0:0:0:0:0:0:1', '0.0.0.0/0')).to.equal(false);
  });
});

describe('the table of ACLs', () => {
  it('keeps equal ones once, and forgets those that no node uses', () => {
    const table = new AclTable();
    const index = table.use(readOnlyAcl);
    expect(table.use([{ ...readOnlyAcl[0]! }])).to.equal(index);
    expect(table.use(openAcl)).to.equal(-1);
    table.release(index);
    expect(table.get(index)).to.deep.equal(readOnlyAcl);
    table.release(index);
    expect(table.size).to.equal(0);
    expect(table.use(readOnlyAcl)).to.be.greaterThan(index);
  });
});
