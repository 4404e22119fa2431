import type { ControlledPartition } from './cluster-state.ts';

/**
 * The partitions to hand back to their preferred leaders: those of brokers that lead too few of the partitions for which
 * they are the first replica (leader.imbalance.per.broker.percentage).
 */
export function imbalanced(partitions: Iterable<ControlledPartition>, electable: ReadonlySet<number>, percentage: number): readonly ControlledPartition[] {
  const byPreferred = new Map<number, { all: number; readonly ledElsewhere: ControlledPartition[] }>();
  for (const partition of partitions) {
    const [preferred] = partition.assignment.replicas;
    if (preferred === undefined || !electable.has(preferred) || partition.leadership === undefined) continue;
    let share = byPreferred.get(preferred);
    if (share === undefined) byPreferred.set(preferred, (share = { all: 0, ledElsewhere: [] }));
    share.all++;
    if (partition.leadership.state.leader !== preferred) share.ledElsewhere.push(partition);
  }
  return Array.from(byPreferred.values()).flatMap(({ all, ledElsewhere }) =>
    ledElsewhere.length / all > percentage / 100 ? ledElsewhere.filter(({ assignment, leadership }) => leadership!.state.isr.includes(assignment.replicas[0]!)) : [],
  );
}
