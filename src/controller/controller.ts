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
import { controllerZnodeVersion } from '../zookeeper/znodes/controller.ts';
import type { InterBrokerVersions } from '../protocol/inter-broker-versions.ts';
import type { ControllerRequests } from './controller-requests.ts';
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
  /** Takes part in the race; again after a new session. Resolves when this broker knows who won and, where it did, has told the brokers what is. */
  start(): Promise<void>;
  /** The session is gone, and with it any office. */
  resign(): void;
  /** unclean.leader.election.enable was set: partitions without a leader get one where that lets them. */
  electUncleanly(): void;
  /** @throws KafkaError NOT_CONTROLLER where this broker is not in office */
  requests(): ControllerRequests;
  stop(): void;
}

export interface ControllerOptions {
  readonly brokerId: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly logger: Logger;
  readonly zookeeper: () => ZooKeeper;
  readonly protocol: InterBrokerVersions;
  /** inter.broker.listener.name */
  readonly listenerName: string;
  /** controller.socket.timeout.ms */
  readonly requestTimeoutMs: number;
  /** delete.topic.enable */
  readonly isTopicDeletionEnabled: boolean;
  /** auto.leader.rebalance.enable, leader.imbalance.check.interval.seconds, leader.imbalance.per.broker.percentage */
  readonly rebalance: { readonly isEnabled: boolean; readonly intervalMs: number; readonly percentage: number };
  /** unclean.leader.election.enable of a topic, read when no in-sync replica lives. */
  readonly isUncleanElectionAllowed: (topic: string) => Promise<boolean>;
}

interface ControllerEpoch {
  readonly epoch: number;
  /** Of the znode. */
  readonly version: number;
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
  let turn: Promise<void> = Promise.resolve();
  let begun: Promise<void> = Promise.resolve();

  /** Looks who is in office, and stands for it when nobody is; each change of /controller brings it back here. */
  function takePart(): Promise<void> {
    const mine = term;
    const isCurrent = (): boolean => mine === term && !isStopped;
    turn = turn.then(async () => {
      if (!isCurrent()) return;
      try {
        await look(options.zookeeper(), isCurrent);
      } catch (error) {
        if (!isCurrent()) return;
        logger.warn('the race for /controller was disturbed; taking part again', { error });
        clock.setTimer(retryBackoffMs, () => {
          if (isCurrent()) void takePart();
        });
      }
    });
    return turn;
  }

  async function look(zookeeper: ZooKeeper, isCurrent: () => boolean): Promise<void> {
    const found = await zookeeper.find(controllerPath, () => {
      if (isCurrent()) void takePart();
    });
    if (!isCurrent()) return;
    const isMine = found?.stat.ephemeralOwner === zookeeper.sessionId;
    if (isMine && reign !== undefined) return;
    const before = activeId;
    endReign();
    if (found === undefined || isMine) {
      // Where the node is ours and no reign is, the answer to the election was lost; nobody else can have raised the epoch since.
      const won = isMine ? await epochOf(zookeeper) : await becomeController(zookeeper);
      if (won !== undefined && isCurrent()) beginReign(zookeeper, won, isCurrent);
      return;
    }
    activeId = decodeController(found.data).brokerId;
    if (activeId !== before) logger.info('another broker is the controller', { controller: activeId });
  }

  function beginReign(zookeeper: ZooKeeper, { epoch, version }: ControllerEpoch, isCurrent: () => boolean): void {
    activeId = brokerId;
    logger.info('became the controller', { epoch });
    const next = createReign({
      ...options,
      zookeeper,
      epoch,
      epochVersion: version,
      moved: () => {
        if (!isCurrent() || reign !== next) return;
        endReign();
        void takePart();
      },
    });
    reign = next;
    begun = next.begin();
  }

  function endReign(): void {
    reign?.end();
    reign = undefined;
    activeId = -1;
  }

  /** @returns the new epoch and the version of /controller_epoch; undefined when another broker was first (its watch tells more) */
  async function becomeController(zookeeper: ZooKeeper): Promise<ControllerEpoch | undefined> {
    const stored = await epochOf(zookeeper);
    const epoch = stored.epoch + 1;
    const registration = { version: controllerZnodeVersion, brokerId, timestampMs: clock.nowMs(), kraftControllerEpoch: -1 };
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

  async function epochOf(zookeeper: ZooKeeper): Promise<ControllerEpoch> {
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
    async start() {
      term++;
      await takePart();
      await begun;
    },
    resign,
    electUncleanly: () => reign?.electOffline(),
    requests() {
      if (reign === undefined) throw new KafkaError('NOT_CONTROLLER', 'this broker is not the controller');
      return reign.requests;
    },
    stop() {
      isStopped = true;
      resign();
    },
  };
}
