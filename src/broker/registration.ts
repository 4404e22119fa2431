import type { InterBrokerVersions } from '../protocol/inter-broker-versions.ts';
import type { Clock } from '../runtime/clock.ts';
import type { BrokerConfig } from '../runtime/config/broker-config.ts';
import type { Logger } from '../runtime/logger.ts';
import { brokerIdPath, brokerSequencePath } from '../zookeeper/paths.ts';
import { encodeBrokerId } from '../zookeeper/znodes/broker-id.ts';
import type { BrokerEndpoint, BrokerRegistration } from '../zookeeper/znodes/broker-id.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';

export interface RegistrationOptions {
  readonly zookeeper: ZooKeeper;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: BrokerConfig;
  readonly protocol: InterBrokerVersions;
  readonly brokerId: number;
  readonly endpoints: readonly BrokerEndpoint[];
}

/**
 * Creates the ephemeral /brokers/ids/N, without data and then with it in one transaction, as brokers since 2.2 do (KIP-380).
 * Where the node of this broker's former life still stands (it was killed), waits for that session's end instead of
 * giving up as Apache Kafka does.
 * @returns the broker epoch: the node's czxid
 */
export async function registerBroker(options: RegistrationOptions): Promise<number> {
  const { zookeeper, brokerId, logger } = options;
  const path = brokerIdPath(brokerId);
  for (;;) {
    try {
      const [, written] = await zookeeper.multi([
        { kind: 'create', path, data: undefined, mode: 'ephemeral' },
        { kind: 'set', path, data: encodeBrokerId(registrationOf(options)), version: 0 },
      ]);
      return written!.stat!.czxid;
    } catch (error) {
      // After a lost connection only the node tells whether it was written.
      if (!(error instanceof ZooKeeperError) || (error.name !== 'NODE_EXISTS' && error.name !== 'CONNECTION_LOSS')) throw error;
    }
    const ownEpoch = await waitForFormerSelf(zookeeper, path, logger);
    if (ownEpoch !== undefined) return ownEpoch;
  }
}

function registrationOf({ clock, config, protocol, endpoints }: RegistrationOptions): BrokerRegistration {
  return { version: protocol.hasFeatureZnode ? 5 : 4, endpoints, rack: config['broker.rack'], jmxPort: -1, timestampMs: clock.nowMs(), features: {} };
}

/** Resolves with the broker epoch where this session holds the node, and with undefined when nobody does. */
async function waitForFormerSelf(zookeeper: ZooKeeper, path: string, logger: Logger): Promise<number | undefined> {
  for (let isSaid = false; ; isSaid = true) {
    let changed: () => void = () => undefined;
    const change = new Promise<void>((resolve) => {
      changed = resolve;
    });
    const stat = await zookeeper.exists(path, () => changed());
    if (stat === undefined) return undefined;
    if (stat.ephemeralOwner === zookeeper.sessionId) return stat.czxid;
    if (!isSaid) {
      logger.warn('another session still holds this broker\'s id; waiting for its end (a former life of this broker, or a second broker with the same broker.id?)', {
        path,
        session: `0x${stat.ephemeralOwner ?? ''}`,
      });
    }
    const forget = zookeeper.onSession(({ kind }) => {
      if (kind === 'expired') changed(); // the watch went with the session
    });
    await change;
    forget();
  }
}

/**
 * An id for a broker without one: the version of /brokers/seqid, above reserved.broker.max.id.
 * @see broker.id.generation.enable
 */
export async function generateBrokerId(zookeeper: ZooKeeper, config: BrokerConfig): Promise<number> {
  const { version } = await zookeeper.set(brokerSequencePath, Buffer.alloc(0), -1);
  return config['reserved.broker.max.id'] + version;
}
