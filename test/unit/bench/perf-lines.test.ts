import { expect } from 'chai';
import { parseConsumerRun, parseProducerRun } from '../../bench/broker/perf-lines.ts';

describe("the results of Kafka's tools for performance", () => {
  const last = '2000 records sent, 5420.054201 records/sec (0.52 MB/sec), 32.81 ms avg latency, 331.00 ms max latency, 20 ms 50th, 68 ms 95th, 95 ms 99th, 96 ms 99.9th.';

  it("are in the producer's last line, behind those of a few seconds each", () => {
    const output = `Reading payloads from: /payloads\nNumber of messages read: 2\n1501 records sent, 300.1 records/sec (0.03 MB/sec), 2.0 ms avg latency, 31.0 ms max latency.\n${last}\n`;
    expect(parseProducerRun(output)).to.deep.equal({ records: 2000, recordsPerSecond: 5420.054201, p50Ms: 20, p95Ms: 68, p99Ms: 95, p999Ms: 96 });
  });

  it('are found where the producer tells more behind them', () => {
    expect(parseProducerRun(`${last}\r\nMetric Name   Value\n`).records).to.equal(2000);
  });

  it('are missed when the producer has sent nothing, or has not come to its end', () => {
    const nothing = '0 records sent, 0.000000 records/sec (0.00 MB/sec), NaN ms avg latency, 0.00 ms max latency, 0 ms 50th, 0 ms 95th, 0 ms 99th, 0 ms 99.9th.\n';
    for (const output of ['', nothing, '1501 records sent, 300.1 records/sec (0.03 MB/sec), 2.0 ms avg latency, 31.0 ms max latency.\n']) {
      expect(() => parseProducerRun(output)).to.throw('ProducerPerformance has told no result');
    }
  });

  const heading = 'start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n';
  const line = '2026-11-21 03:10:40:680, 2026-11-21 03:10:41:379, 0.0175, 0.0250, 500, 715.3076, 625, 74, 0.2361, 6756.7568\n';

  it("are in the consumer's line, with or without the heading", () => {
    for (const output of [heading + line, line]) expect(parseConsumerRun(output)).to.deep.equal({ records: 500, recordsPerSecond: 6756.7568 });
  });

  it('are missed when the consumer tells its heading alone', () => {
    for (const output of ['', heading]) expect(() => parseConsumerRun(output)).to.throw('ConsumerPerformance has told no result');
  });
});
