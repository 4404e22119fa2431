import type { FaultKind } from '../cluster/fault.ts';
import { bitRot } from './bit-rot.ts';
import { clockJump } from './clock-jump.ts';
import { cutConnections } from './cut-connections.ts';
import { diskErrors } from './disk-errors.ts';
import { expireSession } from './expire-session.ts';
import { fullDisk } from './full-disk.ts';
import { kill } from './kill.ts';
import { losePower } from './lose-power.ts';
import { loseZookeeper } from './lose-zookeeper.ts';
import { partitionClients } from './partition-clients.ts';
import { partitionNetwork } from './partition-network.ts';
import { pause } from './pause.ts';
import { restart } from './restart.ts';
import { rollingRestart } from './rolling-restart.ts';
import { slowNetwork } from './slow-network.ts';
import { slowSync } from './slow-sync.ts';
import { zookeeperDown } from './zookeeper-down.ts';

/** What can go wrong. Another one is one file, and one line here. */
export const faultKinds: readonly FaultKind[] = [
  kill,
  restart,
  rollingRestart,
  expireSession,
  loseZookeeper,
  zookeeperDown,
  cutConnections,
  partitionNetwork,
  partitionClients,
  slowNetwork,
  pause,
  clockJump,
  fullDisk,
  diskErrors,
  slowSync,
  bitRot,
  losePower,
];
