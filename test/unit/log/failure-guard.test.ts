import { expect } from 'chai';
import { LogFailure } from '../../../src/log/errors.ts';
import { FailureGuard } from '../../../src/log/failure-guard.ts';

describe('work on the disk that nobody waits for', () => {
  const failing = (): never => {
    throw Object.assign(new Error('EIO: i/o error, unlink'), { code: 'EIO' });
  };

  it('takes its log offline when the disk fails, tells the one who looks after it, and throws to nobody', () => {
    const told: LogFailure[] = [];
    const guard = new FailureGuard('/data', 't-0', (failure) => told.push(failure));
    guard.attemptUnasked('removing deleted segments', failing);
    expect(told.map(({ message }) => message)).to.deep.equal(['Error while removing deleted segments t-0 in dir /data: EIO: i/o error, unlink']);
    expect(guard.isOffline).to.equal(true);
    guard.attemptUnasked('removing deleted segments', () => expect.fail('offline logs are left alone'));
    expect(() => guard.requireOnline()).to.throw(LogFailure);
  });

  it('does not hide a bug', () => {
    const guard = new FailureGuard('/data', 't-0', () => expect.fail('no failure of the disk'));
    expect(() => guard.attemptUnasked('removing deleted segments', () => (undefined as unknown as string[]).sort())).to.throw(TypeError);
  });
});
