import type { InterBrokerProtocol } from '../controller/inter-broker-protocol.ts';
import type { Clock } from '../runtime/clock.ts';
import type { BrokerConfig } from '../runtime/config/broker-config.ts';
import type { Logger } from '../runtime/logger.ts';
import { brokerIdPath, brokerSequencePath } from '../zookeeper/paths.ts';
import { encodeBrokerId } from '../zookeeper/znodes/broker-id.ts';
import type { BrokerEndpoint } from '../zookeeper/znodes/broker-id.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';

export interface RegistrationOptions {
  readonly zookeeper: ZooKeeper;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: BrokerConfig;
  readonly protocol: InterBrokerProtocol;
  readonly brokerId: number;
  readonly endpoints: readonly BrokerEndpoint[];
}

/**
 * Creates the ephemeral /brokers/ids/N. Where the node of this broker's former life still stands (it was killed), waits for
 * that session's end instead of giving up as Apache Kafka does.
 * @returns the broker epoch: the node's czxid
 */
export async function registerBroker(options: RegistrationOptions): Promise<number> {
  const { zookeeper, brokerId, clock, config, protocol, logger } = options;
  const path = brokerIdPath(brokerId);
  for (;;) {
    const registration = {
      version: protocol.brokerZnodeVersion,
      endpoints: options.endpoints,
      rack: config['broker.rack'],
      jmxPort: -1,
      timestampMs: clock.nowMs(),
      features: {},
    };
    try {
      await zookeeper.create(path, encodeBrokerId(registration), 'ephemeral');
      return (await zookeeper.get(path)).stat.czxid;
    } catch (error) {
      if (!(error instanceof ZooKeeperError) || error.name !== 'NODE_EXISTS') throw error;
    }
    await waitForFormerSelf(zookeeper, path, logger);
  }
}

async function waitForFormerSelf(zookeeper: ZooKeeper, path: string, logger: Logger): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      zookeeper.exists(path, look).then((stat) => {
        if (stat === undefined || stat.ephemeralOwner === zookeeper.sessionId) resolve();
      }, reject);
    };
    zookeeper.exists(path, look).then((stat) => {
      if (stat === undefined || stat.ephemeralOwner === zookeeper.sessionId) {
        resolve();
        return;
      }
      logger.warn('another session still holds this broker\'s id; waiting for its end (a former life of this broker, or a second broker with the same broker.id?)', {
        path,
        session: `0x${stat.ephemeralOwner ?? ''}`,
      });
    }, reject);
  });
}

/**
 * An id for a broker without one: the version of /brokers/seqid, above reserved.broker.max.id.
 * @see broker.id.generation.enable
 */
export async function generateBrokerId(zookeeper: ZooKeeper, config: BrokerConfig): Promise<number> {
  const { version } = await zookeeper.set(brokerSequencePath, Buffer.alloc(0), -1);
  return config['reserved.broker.max.id'] + version;
}
