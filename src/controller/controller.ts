import { KafkaError } from '../protocol/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Network } from '../runtime/network.ts';
import type { Random } from '../runtime/random.ts';
import { controllerEpochPath, controllerPath } from '../zookeeper/paths.ts';
import { decodeController, encodeController } from '../zookeeper/znodes/controller.ts';
import { decodeControllerEpoch, encodeControllerEpoch } from '../zookeeper/znodes/controller-epoch.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';
import type { InterBrokerProtocol } from './inter-broker-protocol.ts';
import { createReign } from './reign.ts';
import type { Reign } from './reign.ts';

/**
 * The race for /controller. Who creates that ephemeral node and raises /controller_epoch in the same transaction
 * controls the cluster until the node goes; a later epoch fences all that an earlier controller still does.
 */
export interface Controller {
  /** Whether this broker controls the cluster. */
  readonly isActive: boolean;
  /** Broker id of who does; -1 when nobody is known. */
  readonly activeId: number;
  /** Takes part in the race; again after a new session. */
  start(): Promise<void>;
  /** The session is gone, and with it any office. */
  resign(): void;
  /**
   * A broker asks to stop. @returns the partitions that it leads and nobody else can
   * @throws KafkaError NOT_CONTROLLER, BROKER_NOT_AVAILABLE, STALE_BROKER_EPOCH
   */
  controlledShutdown(brokerId: number, brokerEpoch: number): Promise<readonly { readonly topic: string; readonly partition: number }[]>;
  stop(): void;
}

export interface ControllerOptions {
  readonly brokerId: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly logger: Logger;
  readonly zookeeper: () => ZooKeeper;
  readonly protocol: InterBrokerProtocol;
  /** inter.broker.listener.name */
  readonly listenerName: string;
  /** controller.socket.timeout.ms */
  readonly requestTimeoutMs: number;
  /** unclean.leader.election.enable of a topic, read when no in-sync replica lives. */
  readonly isUncleanElectionAllowed: (topic: string) => Promise<boolean>;
}

const retryBackoffMs = 500;
const firstEpoch = 0;

export function createController(options: ControllerOptions): Controller {
  const { brokerId, clock, logger } = options;
  let reign: Reign | undefined;
  let activeId = -1;
  let isStopped = false;
  /** Counts sessions and resignations: what an older one still awaits is passed over. */
  let term = 0;

  /** Looks who is in office, and stands for it when nobody is; each change of /controller brings it back here. */
  async function takePart(): Promise<void> {
    const mine = term;
    const zookeeper = options.zookeeper();
    const isCurrent = (): boolean => mine === term && !isStopped;
    try {
      const found = await zookeeper.find(controllerPath, () => {
        if (isCurrent()) void takePart();
      });
      if (!isCurrent()) return;
      if (found === undefined) {
        endReign();
        await standForOffice(zookeeper, isCurrent);
        return;
      }
      if (found.stat.ephemeralOwner === zookeeper.sessionId && reign !== undefined) return;
      const before = activeId;
      endReign();
      activeId = decodeController(found.data).brokerId;
      if (activeId !== before) logger.info('another broker is the controller', { controller: activeId });
    } catch (error) {
      if (!isCurrent()) return;
      logger.warn('the race for /controller was disturbed; taking part again', { error });
      clock.setTimer(retryBackoffMs, () => {
        if (isCurrent()) void takePart();
      });
    }
  }

  async function standForOffice(zookeeper: ZooKeeper, isCurrent: () => boolean): Promise<void> {
    const won = await becomeController(zookeeper);
    if (!isCurrent() || won === undefined) return;
    activeId = brokerId;
    logger.info('became the controller', { epoch: won.epoch });
    const next = createReign({
      ...options,
      zookeeper,
      epoch: won.epoch,
      epochVersion: won.version,
      moved: () => {
        if (isCurrent() && reign === next) {
          endReign();
          void takePart();
        }
      },
    });
    reign = next;
    await next.begin();
  }

  function endReign(): void {
    reign?.end();
    reign = undefined;
    activeId = -1;
  }

  /** @returns the new epoch and the version of /controller_epoch; undefined when another broker was first (its watch tells more) */
  async function becomeController(zookeeper: ZooKeeper): Promise<{ epoch: number; version: number } | undefined> {
    const stored = await epochOf(zookeeper);
    const epoch = stored.epoch + 1;
    const registration = { version: options.protocol.controllerZnodeVersion, brokerId, timestampMs: clock.nowMs(), kraftControllerEpoch: -1 };
    try {
      const results = await zookeeper.multi([
        { kind: 'create', path: controllerPath, data: encodeController(registration), mode: 'ephemeral' },
        { kind: 'set', path: controllerEpochPath, data: encodeControllerEpoch(epoch), version: stored.version },
      ]);
      return { epoch, version: results[1]?.stat?.version ?? stored.version + 1 };
    } catch (error) {
      if (error instanceof ZooKeeperError && (error.name === 'NODE_EXISTS' || error.name === 'BAD_VERSION')) return undefined;
      throw error;
    }
  }

  async function epochOf(zookeeper: ZooKeeper): Promise<{ epoch: number; version: number }> {
    const found = await zookeeper.find(controllerEpochPath);
    if (found !== undefined) return { epoch: decodeControllerEpoch(found.data), version: found.stat.version };
    try {
      await zookeeper.create(controllerEpochPath, encodeControllerEpoch(firstEpoch));
    } catch (error) {
      if (!(error instanceof ZooKeeperError) || error.name !== 'NODE_EXISTS') throw error;
    }
    const created = await zookeeper.get(controllerEpochPath);
    return { epoch: decodeControllerEpoch(created.data), version: created.stat.version };
  }

  function resign(): void {
    term++;
    endReign();
  }

  return {
    get isActive() {
      return reign !== undefined;
    },
    get activeId() {
      return activeId;
    },
    start() {
      term++;
      return takePart();
    },
    resign,
    controlledShutdown(id, epoch) {
      if (reign === undefined) throw new KafkaError('NOT_CONTROLLER', 'this broker is not the controller');
      return reign.controlledShutdown(id, epoch);
    },
    stop() {
      isStopped = true;
      resign();
    },
  };
}
