import type { GroupCoordinator } from '../coordinator/group/coordinator.ts';
import type { Controller } from '../controller/controller.ts';
import type { LogManager } from '../log/log-manager.ts';
import type { SocketServer } from '../network/socket-server.ts';
import type { FetchSessions } from '../replica/fetch-session.ts';
import type { LentMemory } from '../replica/lent-memory.ts';
import type { ReplicaManager } from '../replica/replica-manager.ts';
import type { MetricValues, Metrics } from '../runtime/metrics.ts';

export interface MeasuredParts {
  readonly replicas: ReplicaManager;
  readonly controller: Controller;
  readonly groups: GroupCoordinator;
  readonly logs: LogManager;
  readonly server: SocketServer;
  readonly sessions: FetchSessions;
  readonly lent: LentMemory;
  /** Entries of queued.max.request.bytes; negative for no limit. */
  readonly queuedBytesMax: number;
}

/** Shows the state of a broker under Kafka's names; all of it is looked up when somebody reads. */
export function showBroker(metrics: Metrics, parts: MeasuredParts): void {
  metrics.gauges(() => ({ ...ofReplicas(parts.replicas), ...ofLogs(parts.logs), ...ofSockets(parts.server, parts.queuedBytesMax) }));
  metrics.gauges(() => ({
    'kafka.controller:type=KafkaController,name=ActiveControllerCount': parts.controller.isActive ? 1 : 0,
    'kafka.coordinator.group:type=GroupMetadataManager,name=NumGroups': parts.groups.list().groups.length,
    'ottla:type=Fetch,name=LentBytes': parts.lent.lentBytes(),
    'kafka.server:type=FetchSessionCache,name=NumIncrementalFetchSessions': parts.sessions.size,
  }));
}

function ofReplicas(replicas: ReplicaManager): MetricValues {
  const found = { partitions: 0, leaders: 0, underReplicated: 0, underMinIsr: 0, atMinIsr: 0, offline: 0 };
  for (const partition of replicas.partitions()) {
    found.partitions++;
    if (partition.log.isOffline) found.offline++;
    if (!partition.isLeader) continue;
    const { isr, replicas: assigned } = partition.state!;
    found.leaders++;
    if (isr.length < assigned.length) found.underReplicated++;
    if (isr.length < partition.effectiveMinIsr) found.underMinIsr++;
    if (isr.length === partition.effectiveMinIsr) found.atMinIsr++;
  }
  const named = (name: string): string => `kafka.server:type=ReplicaManager,name=${name}`;
  return {
    [named('PartitionCount')]: found.partitions,
    [named('LeaderCount')]: found.leaders,
    [named('UnderReplicatedPartitions')]: found.underReplicated,
    [named('UnderMinIsrPartitionCount')]: found.underMinIsr,
    [named('AtMinIsrPartitionCount')]: found.atMinIsr,
    [named('OfflineReplicaCount')]: found.offline,
    'kafka.server:type=DelayedOperationPurgatory,name=PurgatorySize,delayedOperation=Produce': replicas.waitingProduces(),
  };
}

function ofLogs(logs: LogManager): MetricValues {
  const { producerIds, indexBytes, openFiles } = logs.figures();
  return {
    'kafka.log:type=LogManager,name=OfflineLogDirectoryCount': logs.offlineDirectories.length,
    'kafka.server:type=ReplicaManager,name=ProducerIdCount': producerIds,
    'ottla:type=LogManager,name=IndexBytes': indexBytes,
    'ottla:type=LogManager,name=OpenFiles': openFiles,
  };
}

function ofSockets(server: SocketServer, queuedBytesMax: number): MetricValues {
  const { connections, keptBytes, unsentBytes, unsentBytesMax } = server.figures();
  const counts = Array.from(connections, ([listener, count]) => [`kafka.server:type=socket-server-metrics,listener=${listener}:connection-count`, count] as const);
  return {
    ...Object.fromEntries(counts),
    'kafka.network:type=SocketServer,name=MemoryPoolUsed': keptBytes,
    ...(queuedBytesMax > 0 ? { 'kafka.network:type=SocketServer,name=MemoryPoolAvailable': Math.max(0, queuedBytesMax - keptBytes) } : {}),
    'ottla:type=SocketServer,name=UnsentBytes': unsentBytes,
    'ottla:type=SocketServer,name=UnsentBytesOfOneMax': unsentBytesMax,
  };
}
