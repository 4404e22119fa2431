import { describeMixedClusters } from './mixed-cluster-steps.ts';

describeMixedClusters('3.9.1');
