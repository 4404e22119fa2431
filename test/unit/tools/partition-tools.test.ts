import { expect } from 'chai';
import { KafkaError } from '../../../src/protocol/errors.ts';
import { buildBatch } from '../../../src/record/build.ts';
import { parseOffsets } from '../../../src/tools/delete-records/offsets.ts';
import { javaExceptionClass, javaExceptionOfCode } from '../../../src/tools/java-exceptions.ts';
import { electionReport, parsePartitions } from '../../../src/tools/leader-election/partitions.ts';
import { logDirsJson } from '../../../src/tools/log-dirs/description.ts';
import { compareReplicas } from '../../../src/tools/replica-verification/compare.ts';

const missing = new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', 'The partition does not exist.');
const needless = new KafkaError('ELECTION_NOT_NEEDED', 'Leader election not needed for topic partition.');

describe('what Kafka calls its errors', () => {
  it('is the class of the client', () => {
    expect(javaExceptionClass('OFFSET_OUT_OF_RANGE')).to.equal('org.apache.kafka.common.errors.OffsetOutOfRangeException');
    expect(javaExceptionClass('INVALID_TOPIC_EXCEPTION')).to.equal('org.apache.kafka.common.errors.InvalidTopicException');
    expect(javaExceptionClass('CLUSTER_AUTHORIZATION_FAILED')).to.equal('org.apache.kafka.common.errors.ClusterAuthorizationException');
    expect(javaExceptionClass('REQUEST_TIMED_OUT')).to.equal('org.apache.kafka.common.errors.TimeoutException');
  });

  it('comes with the words of the client where the answer was a code alone', () => {
    expect(javaExceptionOfCode('OFFSET_OUT_OF_RANGE')).to.equal(
      'org.apache.kafka.common.errors.OffsetOutOfRangeException: The requested offset is not within the range of offsets maintained by the server.',
    );
  });
});

describe('kafka-delete-records: the file', () => {
  it('gives partitions in the order of the real tool', () => {
    const text = '{"partitions":[{"topic":"go2","partition":0,"offset":300},{"topic":"nope","partition":0,"offset":-1}],"version":1}';
    expect(parseOffsets(text)).to.deep.equal([{ topic: 'nope', partition: 0, offset: -1 }, { topic: 'go2', partition: 0, offset: 300 }]);
  });

  for (const [text, complaint] of [
    ['x', 'The input string is not a valid JSON'],
    ['5', 'Expected JSON object, received 5'],
    ['{}', 'Missing partitions field'],
    ['{"version":2}', 'Not supported version field value 2'],
    ['{"partitions":5}', 'Expected JSON array, received 5'],
    ['{"partitions":[{"topic":"go2","partition":0}]}', 'No such field exists: `offset`'],
    ['{"partitions":[{"topic":"go2","partition":"x","offset":1}]}', 'Expected `Integer` value, received "x"'],
    ['{"partitions":[{"topic":"go2","partition":0,"offset":1},{"topic":"go2","partition":0,"offset":2}]}', 'Offset json file contains duplicate topic partitions: go2-0'],
  ] as const) {
    it(`is refused: ${text}`, () => {
      expect(() => parseOffsets(text)).to.throw(complaint);
    });
  }
});

describe('kafka-leader-election', () => {
  it('refuses a file that names a partition twice', () => {
    expect(() => parsePartitions('{"partitions":[{"topic":"ra","partition":0},{"topic":"ra","partition":0}]}')).to.throw('Replica election data contains duplicate partitions: [ra-0]');
    expect(() => parsePartitions('{}')).to.throw('Replica election data is missing "partitions" field');
    expect(() => parsePartitions('x')).to.throw('Replica election data is empty');
  });

  it('tells elected, needless and failed partitions apart', () => {
    const outcomes = [
      { topic: 't', partition: 0, error: undefined },
      { topic: 't', partition: 1, error: undefined },
      { topic: 'le', partition: 0, error: needless },
      { topic: 'le', partition: 1, error: needless },
      { topic: 'nope', partition: 1, error: missing },
    ];
    expect(electionReport('PREFERRED', outcomes)).to.deep.equal({
      lines: [
        'Successfully completed leader election (PREFERRED) for partitions t-1, t-0',
        'Valid replica already elected for partitions le-1, le-0',
        'Error completing leader election (PREFERRED) for partition: nope-1: org.apache.kafka.common.errors.UnknownTopicOrPartitionException: The partition does not exist.',
      ],
      failures: 1,
    });
  });
});

describe('kafka-log-dirs', () => {
  const replica = (topic: string, partition: number, sizeBytes = 0): { topic: string; partition: number; sizeBytes: number; offsetLag: number; isFuture: boolean } => ({ topic, partition, sizeBytes, offsetLag: 0, isFuture: false });
  const directory = (path: string, replicas: ReturnType<typeof replica>[]): { path: string; error: undefined; totalBytes: undefined; usableBytes: undefined; replicas: ReturnType<typeof replica>[] } => ({ path, error: undefined, totalBytes: undefined, usableBytes: undefined, replicas });

  it('prints directories and partitions in the order of the real tool', () => {
    const d2 = directory('/b0/d2', [replica('cpe', 0), replica('cp3', 2), replica('ta', 0), replica('go1', 0), replica('t1', 1), replica('t1', 3)]);
    const partitions = ['cp3-2', 'cpe-0', 'go1-0', 't1-3', 't1-1', 'ta-0'].map((partition) => ({ partition, size: 0, offsetLag: 0, isFuture: false }));
    expect(logDirsJson([{ brokerId: 0, logDirs: [d2] }], new Set())).to.equal(JSON.stringify({ brokers: [{ broker: 0, logDirs: [{ partitions, error: null, logDir: '/b0/d2' }] }], version: 1 }));
  });

  it('shows the topics asked for, and the class of an error', () => {
    const failed = { ...directory('/d1', []), error: new KafkaError('KAFKA_STORAGE_ERROR', 'gone') };
    const text = logDirsJson([{ brokerId: 3, logDirs: [directory('/d2', [replica('a', 0, 9), replica('b', 0)]), failed] }], new Set(['a']));
    expect(text).to.contain('"partitions":[{"partition":"a-0","size":9,"offsetLag":0,"isFuture":false}],"error":null,"logDir":"/d2"');
    expect(text).to.contain('{"partitions":[],"error":"org.apache.kafka.common.errors.KafkaStorageException","logDir":"/d1"}');
  });
});

describe('kafka-replica-verification', () => {
  const place = { topic: 't', partition: 1 };
  const batch = (baseOffset: number, ...values: string[]): Buffer => buildBatch({ baseOffset }, values.map((value) => ({ key: null, value: Buffer.from(value) })));
  const answer = (brokerId: number, highWatermark: number, ...batches: Buffer[]): { brokerId: number; highWatermark: number; records: Buffer } => ({ brokerId, highWatermark, records: Buffer.concat(batches) });

  it('goes on to the first offset that not all replicas have', () => {
    const [first, second, third] = [batch(0, 'a', 'b'), batch(2, 'c'), batch(3, 'd')];
    const answers = [answer(1, 4, first, second, third), answer(2, 4, first, second)];
    expect(compareReplicas(place, 0, answers)).to.deep.equal({ offset: 3, lag: 1, differences: [], isOutOfStep: false });
  });

  it('compares up to the high watermark of each replica', () => {
    const [first, second] = [batch(0, 'a'), batch(1, 'b')];
    expect(compareReplicas(place, 0, [answer(1, 2, first, second), answer(2, 1, first, second)])).to.deep.equal({ offset: 1, lag: 1, differences: [], isOutOfStep: false });
  });

  it('waits for a replica that does not answer', () => {
    expect(compareReplicas(place, 5, [answer(1, 7, batch(5, 'a')), answer(2, -1)])).to.deep.equal({ offset: 5, lag: 2, differences: [], isOutOfStep: false });
  });

  it('names other contents, and goes on', () => {
    const { offset, differences } = compareReplicas(place, 0, [answer(1, 2, batch(0, 'a'), batch(1, 'b')), answer(2, 2, batch(0, 'x'), batch(1, 'b'))]);
    expect(offset).to.equal(2);
    expect(differences).to.have.length(1);
    expect(differences[0]).to.match(/^partition t-1 has unmatched checksum at offset 0; replica 1's checksum \d+; replica 2's checksum \d+$/);
  });

  it('stops at other offsets', () => {
    expect(compareReplicas(place, 0, [answer(1, 9, batch(0, 'a')), answer(2, 9, batch(3, 'a'))])).to.deep.equal({
      offset: 0,
      lag: 9,
      differences: ["partition t-1: replica 1's offset 0 doesn't match replica 2's offset 3"],
      isOutOfStep: true,
    });
  });
});
