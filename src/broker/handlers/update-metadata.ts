import type { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import { updateMetadataRequest, updateMetadataResponse } from '../../protocol/messages/update-metadata.ts';
import type { UpdateMetadataRequest, UpdateMetadataResponseInput } from '../../protocol/messages/update-metadata.ts';
import type { ReplicaManager } from '../../replica/replica-manager.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';

export interface UpdateMetadataDependencies {
  readonly cache: MetadataCache;
  readonly replicas: ReplicaManager;
  readonly groups: GroupCoordinator;
  readonly checkBrokerEpoch: (brokerEpoch: number) => void;
}

/** UpdateMetadata, API key 6: the controller tells brokers, leaders and replicas. */
export function updateMetadataHandler({ cache, replicas, groups, checkBrokerEpoch }: UpdateMetadataDependencies): Handler<UpdateMetadataRequest, UpdateMetadataResponseInput> {
  return {
    request: updateMetadataRequest,
    response: updateMetadataResponse,
    handle(request, { apiVersion }, answer) {
      checkBrokerEpoch(request.brokerEpoch);
      replicas.checkControllerEpoch(request.controllerEpoch);
      const deleted = cache.update(request, apiVersion);
      if (deleted.length > 0) groups.partitionsDeleted(deleted);
      answer({ errorCode: 0 });
    },
    failed: (_request, code) => ({ errorCode: code }),
  };
}
