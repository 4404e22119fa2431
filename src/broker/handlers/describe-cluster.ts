import { describeClusterRequest, describeClusterResponse } from '../../protocol/messages/describe-cluster.ts';
import type { DescribeClusterRequest, DescribeClusterResponseInput } from '../../protocol/messages/describe-cluster.ts';
import { errorCode } from '../../protocol/errors.ts';
import { allClusterOperations } from '../authorized-operations.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';
import { nodeOf } from './metadata.ts';

const brokerEndpoints = 1;

/** DescribeCluster, API key 60. */
export function describeClusterHandler(cache: MetadataCache, clusterId: string): Handler<DescribeClusterRequest, DescribeClusterResponseInput> {
  return {
    request: describeClusterRequest,
    response: describeClusterResponse,
    handle(request, { connection }, answer) {
      if (request.endpointType !== brokerEndpoints) {
        answer({ errorCode: errorCode('UNSUPPORTED_ENDPOINT_TYPE'), errorMessage: 'The broker does not support this type of endpoint.', endpointType: request.endpointType });
        return;
      }
      const brokers = Array.from(cache.brokers.values()).flatMap((broker) => {
        const node = nodeOf(broker, connection.listenerName);
        return node === undefined ? [] : [{ brokerId: node.nodeId, host: node.host, port: node.port, rack: node.rack }];
      });
      const controllerId = brokers.some(({ brokerId }) => brokerId === cache.controllerId) ? cache.controllerId : -1;
      answer({ clusterId, controllerId, brokers, ...(request.includeClusterAuthorizedOperations ? { clusterAuthorizedOperations: allClusterOperations } : {}) });
    },
    failed: (_request, code, message) => ({ errorCode: code, errorMessage: message }),
  };
}
