import { leaderAndIsrRequest, leaderAndIsrResponse } from '../../protocol/messages/leader-and-isr.ts';
import type { LeaderAndIsrRequest, LeaderAndIsrResponseInput } from '../../protocol/messages/leader-and-isr.ts';
import type { ReplicaManager } from '../../replica/replica-manager.ts';
import type { Handler } from '../handler.ts';

/** LeaderAndIsr, API key 4: the controller says what this broker leads and follows. */
export function leaderAndIsrHandler(replicas: ReplicaManager, checkBrokerEpoch: (brokerEpoch: number) => void): Handler<LeaderAndIsrRequest, LeaderAndIsrResponseInput> {
  return {
    request: leaderAndIsrRequest,
    response: leaderAndIsrResponse,
    handle(request, { apiVersion }, answer) {
      checkBrokerEpoch(request.brokerEpoch);
      answer(replicas.becomeLeaderOrFollower(request, apiVersion));
    },
    failed: (_request, code) => ({ errorCode: code }),
  };
}
