import { expect } from 'chai';
import http from 'node:http';
import { createAdmin, createConsumer, createProducer } from '../../../src/client/index.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import type { Logger } from '../../../src/runtime/logger.ts';
import { startTestCluster } from '../../../src/testing/index.ts';
import type { TestCluster } from '../../../src/testing/index.ts';

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
}

function get(url: string, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    http
      .request(url, { method, agent: false }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode!, type: response.headers['content-type'], body }));
      })
      .once('error', reject)
      .end();
  });
}

function valuesIn(text: string): ReadonlyMap<string, number> {
  return new Map(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

describe('metrics of a broker', () => {
  let cluster: TestCluster;
  let url = '';

  before(async () => {
    const logger: Logger = { ...silentLogger, info: (event, fields) => void (event === 'metrics served' && (url = String(fields?.['url']))), with: () => logger };
    cluster = await startTestCluster({ logger, properties: { 'ottla.metrics.port': 0 } });
  });

  after(() => cluster.stop());

  it('count records and bytes in and out, and tell how things stand, under Kafka\'s names', async () => {
    const options = { bootstrapServers: cluster.bootstrapServers };
    const admin = createAdmin(options);
    await admin.createTopics([{ name: 'measured', partitions: 3, replicationFactor: 1 }]);
    await admin.close();
    const producer = createProducer(options);
    await Promise.all(Array.from({ length: 10 }, (_, index) => producer.send({ topic: 'measured', partition: 0, value: Buffer.from(`value ${index}`) })));
    await producer.close();
    const consumer = createConsumer(options);
    consumer.assign([{ topic: 'measured', partition: 0 }]);
    await consumer.seekToBeginning();
    let read = 0;
    while (read < 10) read += (await consumer.poll(1000)).length;
    const { status, type, body } = await get(url);
    await consumer.close();
    expect([status, type]).to.deep.equal([200, 'text/plain; version=0.0.4; charset=utf-8']);
    const values = valuesIn(body);
    expect(values.get('kafka_server_brokertopicmetrics_messagesin_total')).to.equal(10);
    expect(values.get('kafka_server_brokertopicmetrics_bytesin_total')).to.be.above(100);
    expect(values.get('kafka_server_brokertopicmetrics_bytesout_total')).to.equal(values.get('kafka_server_brokertopicmetrics_bytesin_total'));
    expect(values.get('kafka_server_replicamanager_partitioncount')).to.equal(3);
    expect(values.get('kafka_server_replicamanager_leadercount')).to.equal(3);
    expect(values.get('kafka_server_replicamanager_underreplicatedpartitions')).to.equal(0);
    expect(values.get('kafka_controller_kafkacontroller_activecontrollercount')).to.equal(1);
    expect(values.get('kafka_server_socket_server_metrics_connection_count{listener="PLAINTEXT"}')).to.be.above(0);
    expect(values.get('ottla_eventloop_delayms{quantile="0.99"}')).to.be.at.least(0);
    expect(values.get('process_resident_memory_bytes')).to.be.above(1e7);
    expect(Array.from(values).filter(([, value]) => Number.isNaN(value))).to.deep.equal([]);
  });

  it('are read with GET from /metrics, and from nowhere else', async () => {
    expect((await get(url, 'POST')).status).to.equal(405);
    expect((await get(url, 'HEAD')).body).to.equal('');
    expect((await get(url.replace('/metrics', '/'))).status).to.equal(404);
  });

  it('listen on this machine alone unless told otherwise', () => {
    expect(new URL(url).hostname).to.equal('127.0.0.1');
  });

  it('say what to do when their port is taken', async () => {
    const { port } = new URL(url);
    const other = startTestCluster({ properties: { 'ottla.metrics.port': port } });
    const failure = await other.then(
      (started) => started.stop().then(() => 'started'),
      (error: Error) => error.message,
    );
    expect(failure).to.equal(`metrics cannot be served on 127.0.0.1:${port} (EADDRINUSE): choose another ottla.metrics.port or ottla.metrics.host, or leave them out`);
  });
});
