import { expect } from 'chai';
import fc from 'fast-check';
import { createByteRate } from '../../../src/replica/byte-rate.ts';
import { createReplicationQuota, throttledPartitions } from '../../../src/replica/replication-quota.ts';
import { ManualClock } from '../zookeeper/manual-clock.ts';

describe('a rate of bytes over windows', () => {
  it('is what was recorded by the time since the oldest window, at least one window', () => {
    const rate = createByteRate(11, 1000);
    rate.record(5000, 0);
    expect([rate.at(0), rate.at(1000), rate.at(2000), rate.at(10_999), rate.at(11_000)]).to.deep.equal([5000, 5000, 2500, (5000 * 1000) / 10_999, 0]);
  });

  it('tells when it will have sunk, to the millisecond', () => {
    const record = fc.record({ bytes: fc.integer({ min: 1, max: 100_000 }), afterMs: fc.integer({ min: 0, max: 3000 }) });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 50_000 }), (records, bound) => {
        const rate = createByteRate(11, 1000);
        let nowMs = 0;
        for (const { bytes, afterMs } of records) rate.record(bytes, (nowMs += afterMs));
        const ms = rate.msUntil(bound, nowMs);
        if (ms > 1) expect(rate.msUntil(bound, nowMs + ms - 1)).to.be.within(0, 1);
        expect(rate.at(nowMs + ms)).to.be.at.most(bound * (1 + 1e-9));
      }),
    );
  });
});

describe('a replication quota', () => {
  const quotaOf = (clock: ManualClock, rate: () => number) => createReplicationQuota({ clock, rate, windowCount: 11, windowMs: 1000 });

  it('keeps the rate for whoever takes chunks whenever it allows one and waits as long as it says', () => {
    const clock = new ManualClock();
    const quota = quotaOf(clock, () => 1_000_000);
    const startMs = clock.monotonicMs();
    let taken = 0;
    for (; taken < 50_000_000; taken += 100_000) {
      clock.pass(quota.exceededForMs());
      expect(quota.exceededForMs()).to.equal(0);
      quota.record(100_000);
    }
    const seconds = (clock.monotonicMs() - startMs) / 1000;
    expect(taken / seconds).to.be.within(900_000, 1_100_000);
  });

  it('holds nobody back without a rate, and hears of a new one', () => {
    const clock = new ManualClock();
    let rate = Infinity;
    let told = 0;
    const quota = quotaOf(clock, () => rate);
    const forget = quota.onChange(() => told++);
    quota.record(1_000_000_000);
    expect(quota.exceededForMs()).to.equal(0);
    rate = 1000;
    quota.rateChanged();
    expect(quota.exceededForMs()).to.equal(11_000);
    quota.throttle('t', 'all');
    forget();
    quota.throttle('t', undefined);
    expect(told).to.equal(2);
  });

  it('knows its partitions by the lists of topics', () => {
    const quota = quotaOf(new ManualClock(), () => Infinity);
    expect([quota.isInUse(), quota.isThrottled('t', 0)]).to.deep.equal([false, false]);
    quota.throttle('t', throttledPartitions(['0:1', '1:2', '2:1'], 1));
    quota.throttle('all', throttledPartitions(['*'], 1));
    quota.throttle('none', throttledPartitions(['0:2'], 1));
    expect([0, 1, 2].map((partition) => quota.isThrottled('t', partition))).to.deep.equal([true, false, true]);
    expect([quota.isThrottled('all', 99), quota.isThrottled('none', 0), quota.isInUse()]).to.deep.equal([true, false, true]);
    quota.throttle('t', throttledPartitions([], 1));
    quota.throttle('all', undefined);
    expect(quota.isInUse()).to.equal(false);
  });
});
