import { expect } from 'chai';
import fc from 'fast-check';
import { aclText, parseAcl } from '../../../src/tools/zookeeper-shell/acl-text.ts';
import { checkPath, KeeperError, ShellError } from '../../../src/tools/zookeeper-shell/keeper-error.ts';
import { parseQuota, quotaText } from '../../../src/tools/zookeeper-shell/quota.ts';
import { parseWords, splitLine } from '../../../src/tools/zookeeper-shell/words.ts';

describe('a line of the ZooKeeper shell', () => {
  it('is cut at blanks, but not inside quotes', () => {
    expect(splitLine('  create  /a "b \'c" \'d "e\' ')).to.deep.equal(['create', '/a', 'b \'c', 'd "e']);
    expect(splitLine('')).to.deep.equal([]);
  });

  it('has options anywhere, together, with their value attached or not', () => {
    const letters = { s: false, w: false, v: true };
    const parsed = parseWords(['get', '/a', '-sw', '-v3', '--', '-x'], letters);
    expect(parsed.words).to.deep.equal(['get', '/a', '-x']);
    expect([...parsed.flags]).to.deep.equal(['s', 'w']);
    expect(parsed.values.get('v')).to.equal('3');
    expect(parseWords(['get', '-v', '-1', '/a'], letters).values.get('v')).to.equal('-1');
  });

  it('is refused with an option that is unknown or lacks its value', () => {
    expect(() => parseWords(['get', '-x'], {})).to.throw(ShellError, 'UnrecognizedOptionException: Unrecognized option: -x');
    expect(() => parseWords(['set', '-v'], { v: true })).to.throw(ShellError, 'MissingArgumentException: Missing argument for option: v');
    expect(() => parseWords(['set', '-v', '-s'], { v: true, s: false })).to.throw(ShellError, 'Missing argument for option: v');
  });
});

describe('an access control list in the ZooKeeper shell', () => {
  it('is read with commas in ids escaped, and complains of each wrong part', () => {
    const complaints: string[] = [];
    const acl = parseAcl('x509:CN=a\\,O=b:cdrwa,bad,world:anyone:rx', (line) => complaints.push(line));
    expect(acl).to.deep.equal([{ scheme: 'x509', id: 'CN=a,O=b', permissions: 31 }, { scheme: 'world', id: 'anyone', permissions: 1 }]);
    expect(complaints).to.deep.equal(['bad does not have the form scheme:id:perm', 'Unknown perm type: x']);
  });

  it('is printed as Java prints an Id', () => {
    expect(aclText([{ scheme: 'digest', id: 'u:p', permissions: 1 | 16 }])).to.equal("'digest,'u:p\n: ra\n");
  });
});

describe('a quota in the ZooKeeper shell', () => {
  it('is written as the server keeps it and comes back', () => {
    expect(quotaText({ count: 5, bytes: -1, byteHardLimit: -1, countHardLimit: 7 })).to.equal('count=5,bytes=-1=;byteHardLimit=-1;countHardLimit=7');
    const limit = fc.integer({ min: -1, max: 2 ** 31 });
    fc.assert(fc.property(fc.record({ count: limit, bytes: limit, byteHardLimit: limit, countHardLimit: limit }, { noNullPrototype: true }), (quota) => {
      expect(parseQuota(quotaText(quota))).to.deep.equal(quota);
    }), { numRuns: 50 });
  });

  it('without hard limits, from an old server, is read too', () => {
    expect(parseQuota('count=3,bytes=10')).to.deep.equal({ count: 3, bytes: 10, byteHardLimit: -1, countHardLimit: -1 });
  });
});

describe('errors of the ZooKeeper shell', () => {
  it('name the path where there is one', () => {
    expect(new KeeperError(-101, '/a').shellText).to.equal('Node does not exist: /a');
    expect(new KeeperError(-114).shellText).to.equal('Acl is not valid : null');
    expect(new KeeperError(-123).shellText).to.equal('KeeperErrorCode = Reconfig is disabled');
    expect(new KeeperError(-4, '/a').shellText).to.equal('KeeperErrorCode = ConnectionLoss for /a');
  });

  for (const [path, message] of [
    ['', 'Path length must be > 0'],
    ['a', 'Path must start with / character'],
    ['/a/', 'Path must not end with / character'],
    ['//a', 'Invalid path string "//a" caused by empty node name specified @1'],
    ['/..', 'Invalid path string "/.." caused by relative paths not allowed @2'],
    ['/a\u0001', 'Invalid path string "/a\u0001" caused by invalid character @2'],
  ] as const) {
    it(`say what is wrong with the path ${JSON.stringify(path)}`, () => {
      expect(() => checkPath(path)).to.throw(ShellError, message);
    });
  }

  it('let names pass that have dots in them', () => {
    for (const path of ['/', '/a.b', '/..a', '/a...']) checkPath(path);
  });
});
