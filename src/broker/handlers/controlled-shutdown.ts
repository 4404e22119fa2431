import type { Controller } from '../../controller/controller.ts';
import { controlledShutdownRequest, controlledShutdownResponse } from '../../protocol/messages/controlled-shutdown.ts';
import type { ControlledShutdownRequest, ControlledShutdownResponseInput } from '../../protocol/messages/controlled-shutdown.ts';
import type { Handler } from '../handler.ts';

/** ControlledShutdown, API key 7: a broker that stops asks the controller to move its leaders. */
export function controlledShutdownHandler(controller: Controller): Handler<ControlledShutdownRequest, ControlledShutdownResponseInput> {
  return {
    request: controlledShutdownRequest,
    response: controlledShutdownResponse,
    async handle(request, _context, answer) {
      const remaining = await controller.requests().controlledShutdown(request.brokerId, request.brokerEpoch);
      answer({ errorCode: 0, remainingPartitions: remaining.map(({ topic, partition }) => ({ topicName: topic, partitionIndex: partition })) });
    },
    failed: (_request, code) => ({ errorCode: code }),
  };
}
