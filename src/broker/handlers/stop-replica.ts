import { stopReplicaRequest, stopReplicaResponse } from '../../protocol/messages/stop-replica.ts';
import type { StopReplicaRequest, StopReplicaResponseInput } from '../../protocol/messages/stop-replica.ts';
import type { ReplicaManager } from '../../replica/replica-manager.ts';
import type { Handler } from '../handler.ts';

/** StopReplica, API key 5: the controller takes replicas away, or deletes them. */
export function stopReplicaHandler(replicas: ReplicaManager, checkBrokerEpoch: (brokerEpoch: number) => void): Handler<StopReplicaRequest, StopReplicaResponseInput> {
  return {
    request: stopReplicaRequest,
    response: stopReplicaResponse,
    async handle(request, { apiVersion }, answer) {
      checkBrokerEpoch(request.brokerEpoch);
      answer(await replicas.stopReplicas(request, apiVersion));
    },
    failed: (_request, code) => ({ errorCode: code }),
  };
}
