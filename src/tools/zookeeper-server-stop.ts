import { findProcesses, stopProcesses } from './processes.ts';

/** zookeeper-server-stop: ends ZooKeeper servers of this machine, ours and Apache ZooKeeper's, as the script of Apache Kafka does. */
function main(): void {
  process.exitCode = stopProcesses(findProcesses(/^\S*node\S*\s.*zookeeper-server-start(\.sh|\.cjs|\.ts)?\s(?!-daemon)|java.*QuorumPeerMain/i), 'zookeeper');
}

main();
