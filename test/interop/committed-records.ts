import { runCommand } from '../support/processes.ts';
import type { MixedCluster } from './mixed-cluster.ts';
import { kcat } from './requirements.ts';

/**
 * Records of a partition as `key value`, as kcat reads them with read_committed. Undefined where the cluster cannot tell now: a leader
 * is away, or a broker does not know the topic yet.
 */
export async function committedIn(cluster: MixedCluster, topic: string, partition: number): Promise<string[] | undefined> {
  const args = ['-C', '-b', cluster.bootstrap, '-t', topic, '-p', String(partition), '-o', 'beginning', '-e', '-q', '-f', '%k %s\\n', '-X', 'isolation.level=read_committed'];
  const { status, stdout } = await runCommand(kcat(), args, { timeoutMs: 30_000 });
  return status === 0 ? stdout.split('\n').slice(0, -1) : undefined;
}
