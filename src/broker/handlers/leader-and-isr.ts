import { leaderAndIsrRequest, leaderAndIsrResponse } from '../../protocol/messages/leader-and-isr.ts';
import type { LeaderAndIsrRequest, LeaderAndIsrResponseInput } from '../../protocol/messages/leader-and-isr.ts';
import type { ReplicaManager } from '../../replica/replica-manager.ts';
import type { Handler } from '../handler.ts';

/**
 * LeaderAndIsr, API key 4: the controller says what this broker leads and follows.
 * @param prepare reads the properties of topics that are new here, before their logs are made; undefined when none is.
 * `fresh` are those that have partitions made just now, perhaps under a name that had other properties before
 */
export function leaderAndIsrHandler(
  replicas: ReplicaManager,
  checkBrokerEpoch: (brokerEpoch: number) => void,
  prepare: (topics: readonly string[], fresh: ReadonlySet<string>) => Promise<void> | undefined,
): Handler<LeaderAndIsrRequest, LeaderAndIsrResponseInput> {
  return {
    request: leaderAndIsrRequest,
    response: leaderAndIsrResponse,
    async handle(request, { apiVersion }, answer) {
      checkBrokerEpoch(request.brokerEpoch);
      const states = [...request.ungroupedPartitionStates, ...request.topicStates.flatMap(({ topicName, partitionStates }) => partitionStates.map(({ isNew }) => ({ topicName, isNew })))];
      await prepare(states.map(({ topicName }) => topicName), new Set(states.filter(({ isNew }) => isNew).map(({ topicName }) => topicName)));
      answer(await replicas.becomeLeaderOrFollower(request, apiVersion));
    },
    failed: (_request, code) => ({ errorCode: code }),
  };
}
