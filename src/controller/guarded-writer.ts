import { controllerEpochPath } from '../zookeeper/paths.ts';
import type { Operation, OperationResult, ZooKeeper } from '../zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';

/** Another broker has raised /controller_epoch: nothing of this reign may be written any more. */
export class ControllerMoved extends Error {
  override readonly name = 'ControllerMoved';
}

/** What a controller writes: each transaction goes through only while /controller_epoch is as this controller left it. */
export interface GuardedWriter {
  /** @throws ControllerMoved, or the ZooKeeperError of the first step that failed */
  write(operations: readonly Operation[]): Promise<OperationResult[]>;
  /** Creates a node without data; one that is there is fine. */
  ensure(path: string): Promise<void>;
  delete(path: string): Promise<void>;
  /** Deletes a node with all below it, the deepest first; an absent one is fine. */
  deleteTree(path: string): Promise<void>;
}

/** Steps of one transaction: well below what jute.maxbuffer (1 MiB) holds. */
export const operationsPerTransaction = 500;

/** @param epochVersion version of /controller_epoch after this controller's election */
export function createGuardedWriter(zookeeper: ZooKeeper, epochVersion: number): GuardedWriter {
  async function write(operations: readonly Operation[]): Promise<OperationResult[]> {
    try {
      const results = await zookeeper.multi([{ kind: 'check', path: controllerEpochPath, version: epochVersion }, ...operations]);
      return results.slice(1);
    } catch (error) {
      if (error instanceof ZooKeeperError && error.failedStep === 0) throw new ControllerMoved('the controller epoch was raised', { cause: error });
      throw error;
    }
  }

  /** A node's descendants and itself, each after what is below it. */
  async function tree(path: string): Promise<string[]> {
    const names = await zookeeper.children(path).catch(absent);
    if (names === undefined) return [];
    const below = await Promise.all(names.map((name) => tree(`${path}/${name}`)));
    return [...below.flat(), path];
  }

  return {
    write,
    async ensure(path) {
      await write([{ kind: 'create', path, data: undefined }]).catch(unlessThere);
    },
    async delete(path) {
      await write([{ kind: 'delete', path, version: -1 }]).catch(unlessGone);
    },
    async deleteTree(path) {
      const paths = await tree(path);
      for (let at = 0; at < paths.length; at += operationsPerTransaction) {
        await write(paths.slice(at, at + operationsPerTransaction).map((one) => ({ kind: 'delete', path: one, version: -1 })));
      }
    },
  };
}

/** @throws what is not NO_NODE */
export function unlessGone(error: unknown): void {
  if (!(error instanceof ZooKeeperError) || error.name !== 'NO_NODE') throw error;
}

/** @throws what is not NODE_EXISTS */
export function unlessThere(error: unknown): void {
  if (!(error instanceof ZooKeeperError) || error.name !== 'NODE_EXISTS') throw error;
}

function absent(error: unknown): undefined {
  unlessGone(error);
  return undefined;
}
