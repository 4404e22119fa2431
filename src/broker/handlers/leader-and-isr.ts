import { leaderAndIsrRequest, leaderAndIsrResponse } from '../../protocol/messages/leader-and-isr.ts';
import type { LeaderAndIsrRequest, LeaderAndIsrResponseInput } from '../../protocol/messages/leader-and-isr.ts';
import type { ReplicaManager } from '../../replica/replica-manager.ts';
import type { Handler } from '../handler.ts';

/**
 * LeaderAndIsr, API key 4: the controller says what this broker leads and follows.
 * @param prepare reads the properties of topics that are new here, before their logs are made; undefined when none is
 */
export function leaderAndIsrHandler(
  replicas: ReplicaManager,
  checkBrokerEpoch: (brokerEpoch: number) => void,
  prepare: (topics: readonly string[]) => Promise<void> | undefined,
): Handler<LeaderAndIsrRequest, LeaderAndIsrResponseInput> {
  return {
    request: leaderAndIsrRequest,
    response: leaderAndIsrResponse,
    async handle(request, { apiVersion }, answer) {
      checkBrokerEpoch(request.brokerEpoch);
      await prepare([...request.ungroupedPartitionStates.map(({ topicName }) => topicName), ...request.topicStates.map(({ topicName }) => topicName)]);
      answer(await replicas.becomeLeaderOrFollower(request, apiVersion));
    },
    failed: (_request, code) => ({ errorCode: code }),
  };
}
