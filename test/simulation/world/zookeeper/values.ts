import type { Stat as ServerStat } from '../../../../src/zookeeper-server/data-node.ts';
import { errorCodes } from '../../../../src/zookeeper-server/errors.ts';
import type { ReplyBody, StepReply } from '../../../../src/zookeeper-server/replies.ts';
import { ZooKeeperError } from '../../../../src/zookeeper/zookeeper.ts';
import type { Operation, OperationResult, Stat, ZooKeeperErrorName } from '../../../../src/zookeeper/zookeeper.ts';

/** What the server says, in the words of `src/zookeeper`. */

const errorNames = new Map<number, ZooKeeperErrorName>(
  Object.entries(errorCodes).flatMap(([name, code]) => (name === 'OK' ? [] : [[code, name as ZooKeeperErrorName] as const])),
);

export function errorNameOf(code: number): ZooKeeperErrorName {
  return errorNames.get(code) ?? 'SYSTEM_ERROR';
}

export function pathOf(body: ReplyBody | undefined): string {
  if (body?.kind === 'path' || body?.kind === 'path-and-stat') return body.path ?? '';
  throw new Error(`a path was due, not ${body?.kind}`);
}

export function dataOf(body: ReplyBody | undefined): { data: Buffer; stat: Stat } {
  if (body?.kind !== 'data') throw new Error(`data was due, not ${body?.kind}`);
  return { data: body.data ?? Buffer.alloc(0), stat: statFrom(body.stat) };
}

export function statOf(body: ReplyBody | undefined): Stat {
  if (body === undefined || !('stat' in body) || body.stat === undefined) throw new Error(`a stat was due, not ${body?.kind}`);
  return statFrom(body.stat);
}

function statFrom(stat: ServerStat): Stat {
  const { owner, ...rest } = stat;
  return { ...rest, ephemeralOwner: owner === '' ? undefined : owner };
}

export function resultsOf(results: readonly StepReply[], operations: readonly Operation[]): OperationResult[] {
  const failedStep = results.findIndex(({ code }) => code !== 0 && code !== errorCodes.RUNTIME_INCONSISTENCY);
  if (failedStep >= 0) {
    throw new ZooKeeperError(errorNameOf(results[failedStep]!.code), operations[failedStep]?.path, { failedStep });
  }
  return results.map(({ body }): OperationResult => {
    if (body?.kind === 'path-and-stat') return { createdPath: body.path, stat: statFrom(body.stat) };
    return body?.kind === 'stat' ? { stat: statFrom(body.stat) } : {};
  });
}
