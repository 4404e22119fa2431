import type { Controller } from '../controller/controller.ts';
import type { LogManager } from '../log/log-manager.ts';
import type { ConnectionLimits, SocketServer } from '../network/socket-server.ts';
import { createReplicationQuota, throttledPartitions } from '../replica/replication-quota.ts';
import type { ReplicationQuotas } from '../replica/replication-quota.ts';
import type { Clock } from '../runtime/clock.ts';
import type { BrokerConfig } from '../runtime/config/broker-config.ts';
import { connectionsPerIpOverrides } from '../runtime/config/connections-per-ip.ts';
import type { ThrottleName } from '../runtime/config/dynamic-config.ts';
import type { LiveConfiguration } from '../runtime/config/live-config.ts';
import type { TopicConfig } from '../runtime/config/topic-config.ts';

/** Brings changed configs to those who do not look by themselves; each part is told from when it is there. */
export interface Reconfiguration {
  readonly quotas: ReplicationQuotas;
  readonly parts: { logs?: LogManager; controller?: Controller; server?: SocketServer };
  topicChanged(topic: string): void;
  /** @param before the broker's properties as they were */
  brokerChanged(before: BrokerConfig): void;
}

export interface ReconfigurationOptions {
  readonly brokerId: number;
  readonly live: LiveConfiguration;
  readonly clock: Clock;
  readonly topicConfigOf: (topic: string) => TopicConfig;
}

export function createReconfiguration({ brokerId, live, clock, topicConfigOf }: ReconfigurationOptions): Reconfiguration {
  const { values } = live;
  const quotaOf = (name: ThrottleName) =>
    createReplicationQuota({ clock, rate: () => live.throttle(name), windowCount: values['replication.quota.window.num'], windowMs: values['replication.quota.window.size.seconds'] * 1000 });
  const quotas = {
    leader: quotaOf('leader.replication.throttled.rate'),
    follower: quotaOf('follower.replication.throttled.rate'),
    alterLogDirs: createReplicationQuota({
      clock,
      rate: () => live.throttle('replica.alter.log.dirs.io.max.bytes.per.second'),
      windowCount: values['alter.log.dirs.replication.quota.window.num'],
      windowMs: values['alter.log.dirs.replication.quota.window.size.seconds'] * 1000,
    }),
  };
  const parts: Reconfiguration['parts'] = {};

  return {
    quotas,
    parts,
    topicChanged(topic) {
      const config = topicConfigOf(topic);
      parts.logs?.updateTopicConfig(topic, config);
      quotas.leader.throttle(topic, throttledPartitions(config['leader.replication.throttled.replicas'], brokerId));
      quotas.follower.throttle(topic, throttledPartitions(config['follower.replication.throttled.replicas'], brokerId));
      if (config['unclean.leader.election.enable']) parts.controller?.electUncleanly();
    },
    brokerChanged(before) {
      parts.logs?.updateConfigs(topicConfigOf);
      parts.server?.limit(connectionLimits(values));
      quotas.leader.rateChanged();
      quotas.follower.rateChanged();
      quotas.alterLogDirs.rateChanged();
      if (values['unclean.leader.election.enable'] && !before['unclean.leader.election.enable']) parts.controller?.electUncleanly();
    },
  };
}

export function connectionLimits(config: BrokerConfig): ConnectionLimits {
  return { connectionsMax: config['max.connections'], perIpMax: config['max.connections.per.ip'], perIpOverrides: connectionsPerIpOverrides(config) };
}
