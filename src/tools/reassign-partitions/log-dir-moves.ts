import type { Admin } from '../../client/admin-types.ts';
import type { Clock } from '../../runtime/clock.ts';
import { ReassignError, TerseError } from './errors.ts';
import type { ReplicaPlace } from './plan.ts';
import { compareReplicas, replicaName } from './plan.ts';

const pauseMs = 100;

/**
 * Asks for moves between log directories until all have started: a replica that is only now coming to a broker can be
 * told its directory as soon as the broker has it.
 * @throws TerseError when some have not started after `timeoutMs`, ReassignError when one cannot be
 */
export async function startMoves(admin: Admin, moves: readonly ReplicaPlace[], timeoutMs: number, clock: Clock, print: (line: string) => void): Promise<void> {
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  let pending = moves.toSorted(compareReplicas);
  while (pending.length > 0) {
    const outcomes = await admin.alterReplicaLogDirs(pending);
    const failed = outcomes.find(({ error }) => error !== undefined && error.name !== 'REPLICA_NOT_AVAILABLE');
    if (failed !== undefined) throw new ReassignError(`Failed to alter dir for ${replicaName(failed)}`, { cause: failed.error });
    for (const { error, path, topic, partition, brokerId } of outcomes) {
      // The blank at the end is Kafka's.
      if (error === undefined) print(`Successfully started moving log directory to ${path} for replica ${topic}-${partition} with broker ${brokerId} `);
    }
    pending = outcomes.filter(({ error }) => error !== undefined).toSorted(compareReplicas);
    if (pending.length === 0) return;
    if (clock.monotonicMs() >= deadlineMs) {
      throw new TerseError(`Timed out before log directory move${pending.length === 1 ? '' : 's'} could be started for: ${pending.map(replicaName).join(',')}`);
    }
    await new Promise<void>((resolve) => clock.setTimer(pauseMs, resolve));
  }
}
