import { expect } from 'chai';
import { createMetrics } from '../../../src/runtime/metrics.ts';
import { prometheusText } from '../../../src/runtime/prometheus.ts';

describe('metrics in Prometheus\'s format', () => {
  it('have the names that jmx_exporter\'s rules for Kafka give', () => {
    const text = prometheusText({
      'kafka.server:type=BrokerTopicMetrics,name=MessagesInPerSec': 12,
      'kafka.server:type=ReplicaManager,name=PartitionCount': 3,
      'kafka.coordinator.group:type=GroupMetadataManager,name=NumGroups': 1,
      'kafka.server:type=socket-server-metrics,listener=PLAINTEXT:connection-count': 4,
      process_resident_memory_bytes: 5e7,
    });
    expect(text.split('\n')).to.deep.equal([
      '# TYPE kafka_server_brokertopicmetrics_messagesin_total counter',
      'kafka_server_brokertopicmetrics_messagesin_total 12',
      '# TYPE kafka_server_replicamanager_partitioncount gauge',
      'kafka_server_replicamanager_partitioncount 3',
      '# TYPE kafka_coordinator_group_groupmetadatamanager_numgroups gauge',
      'kafka_coordinator_group_groupmetadatamanager_numgroups 1',
      '# TYPE kafka_server_socket_server_metrics_connection_count gauge',
      'kafka_server_socket_server_metrics_connection_count{listener="PLAINTEXT"} 4',
      '# TYPE process_resident_memory_bytes gauge',
      'process_resident_memory_bytes 50000000',
      '',
    ]);
  });

  it('of one family stand together, under one type', () => {
    const requests = (api: string): string => `kafka.network:type=RequestMetrics,name=RequestsPerSec,request=${api},version=9`;
    expect(prometheusText({ [requests('Produce')]: 1, other: 2, [requests('Fetch')]: 3 }).split('\n')).to.deep.equal([
      '# TYPE kafka_network_requestmetrics_requests_total counter',
      'kafka_network_requestmetrics_requests_total{request="Produce",version="9"} 1',
      'kafka_network_requestmetrics_requests_total{request="Fetch",version="9"} 3',
      '# TYPE other gauge',
      'other 2',
      '',
    ]);
  });
});

describe('metrics registry', () => {
  it('counts, and looks values up when it is read', () => {
    const metrics = createMetrics();
    const counter = metrics.counter('counted');
    let size = 1;
    metrics.gauges(() => ({ size, twice: 2 * size }));
    counter.count += 5;
    size = 7;
    expect(metrics.read()).to.deep.equal({ counted: 5, size: 7, twice: 14 });
  });
});
