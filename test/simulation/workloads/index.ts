import { acksAll } from './acks-all.ts';
import { acksNone } from './acks-none.ts';
import { acksOne } from './acks-one.ts';
import { administration } from './admin.ts';
import { compaction } from './compaction.ts';
import { groups } from './groups.ts';
import { retention } from './retention.ts';
import { transactions } from './transactions.ts';
import type { Workload } from './workload.ts';

/** Without coordinators. The first runs in every cluster, the others by chance. */
export const recordWorkloads: readonly Workload[] = [acksAll, retention, acksOne, acksNone, administration];
export const workloads: readonly Workload[] = [...recordWorkloads, groups, compaction, transactions];
