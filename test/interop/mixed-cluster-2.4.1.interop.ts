import { describeMixedClusters } from './mixed-cluster-steps.ts';

describeMixedClusters('2.4.1');
