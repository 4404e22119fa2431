import { updateMetadataRequest, updateMetadataResponse } from '../../protocol/messages/update-metadata.ts';
import type { UpdateMetadataRequest, UpdateMetadataResponseInput } from '../../protocol/messages/update-metadata.ts';
import type { ReplicaManager } from '../../replica/replica-manager.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';

/** UpdateMetadata, API key 6: the controller tells brokers, leaders and replicas. */
export function updateMetadataHandler(cache: MetadataCache, replicas: ReplicaManager, checkBrokerEpoch: (brokerEpoch: number) => void): Handler<UpdateMetadataRequest, UpdateMetadataResponseInput> {
  return {
    request: updateMetadataRequest,
    response: updateMetadataResponse,
    handle(request, { apiVersion }, answer) {
      checkBrokerEpoch(request.brokerEpoch);
      replicas.checkControllerEpoch(request.controllerEpoch);
      cache.update(request, apiVersion);
      answer({ errorCode: 0 });
    },
    failed: (_request, code) => ({ errorCode: code }),
  };
}
