import type { Acl } from '../../zookeeper-server/acl.ts';
import { openAcl, readAcl, writeAcl } from '../../zookeeper-server/acl.ts';
import type { Identity } from '../../zookeeper-server/acl.ts';
import { operationCodes } from '../../zookeeper-server/operations.ts';
import { checkPath, KeeperError, keeperErrors } from './keeper-error.ts';
import type { ShellSession } from './session.ts';
import { readShellStat } from './stat-text.ts';
import type { ShellStat } from './stat-text.ts';

/** Each operation of the protocol as the shell's commands call it: paths as the user wrote them, watches noted. */

export const createModes = { persistent: 0, ephemeral: 1, sequential: 2, ephemeralSequential: 3, container: 4, ttl: 5, ttlSequential: 6 } as const;

export async function create(session: ShellSession, path: string, data: Buffer | null, acl: Acl = openAcl, flags = 0, ttlMs?: number): Promise<string> {
  checkPath((flags & 2) === 0 && flags !== createModes.ttlSequential ? path : `${path}1`);
  if (acl.length === 0) throw new KeeperError(keeperErrors.invalidAcl);
  const type = ttlMs !== undefined ? operationCodes.createTtl : flags === createModes.container ? operationCodes.createContainer : operationCodes.create;
  const reply = await session.request(type, path, (writer) => {
    writer.string(session.full(path));
    writer.buffer(data);
    writeAcl(writer, acl);
    writer.int(flags);
    if (ttlMs !== undefined) writer.long(ttlMs);
  });
  return session.relative(reply.string());
}

export async function remove(session: ShellSession, path: string, version: number): Promise<void> {
  checkPath(path);
  await session.request(operationCodes.delete, path, (writer) => {
    writer.string(session.full(path));
    writer.int(version);
  });
}

/** One multi of deletes: all of them, or an error. */
export async function removeAll(session: ShellSession, paths: readonly string[]): Promise<void> {
  const reply = await session.request(operationCodes.multi, undefined, (writer) => {
    for (const path of paths) {
      writer.int(operationCodes.delete);
      writer.bool(false);
      writer.int(-1);
      writer.string(session.full(path));
      writer.int(-1);
    }
    writer.int(-1);
    writer.bool(true);
    writer.int(-1);
  });
  for (const path of paths) {
    const type = reply.int();
    reply.bool();
    reply.int();
    const code = type === operationCodes.error ? reply.int() : 0;
    if (code !== 0 && code !== -2) throw new KeeperError(code, path);
  }
}

export async function exists(session: ShellSession, path: string, watch: boolean): Promise<ShellStat | undefined> {
  checkPath(path);
  try {
    const stat = readShellStat(await session.request(operationCodes.exists, path, (writer) => {
      writer.string(session.full(path));
      writer.bool(watch);
    }));
    if (watch) session.watches.add('data', path);
    return stat;
  } catch (error) {
    if (!(error instanceof KeeperError) || error.code !== keeperErrors.noNode) throw error;
    if (watch) session.watches.add('exists', path);
    return undefined;
  }
}

export async function getData(session: ShellSession, path: string, watch: boolean): Promise<{ readonly data: Buffer | null; readonly stat: ShellStat }> {
  checkPath(path);
  return getDataAt(session, path, session.full(path), watch);
}

/** The server's configuration lies outside any chroot. */
export async function getDataAt(session: ShellSession, path: string, fullPath: string, watch: boolean): Promise<{ readonly data: Buffer | null; readonly stat: ShellStat }> {
  const reply = await session.request(operationCodes.getData, path, (writer) => {
    writer.string(fullPath);
    writer.bool(watch);
  });
  if (watch) session.watches.add('data', path);
  return { data: reply.buffer(), stat: readShellStat(reply) };
}

export async function setData(session: ShellSession, path: string, data: Buffer, version: number): Promise<ShellStat> {
  checkPath(path);
  return readShellStat(await session.request(operationCodes.setData, path, (writer) => {
    writer.string(session.full(path));
    writer.buffer(data);
    writer.int(version);
  }));
}

/** In order of their names. */
export async function getChildren(session: ShellSession, path: string, watch: boolean): Promise<{ readonly names: string[]; readonly stat: ShellStat }> {
  checkPath(path);
  const reply = await session.request(operationCodes.getChildren2, path, (writer) => {
    writer.string(session.full(path));
    writer.bool(watch);
  });
  if (watch) session.watches.add('children', path);
  return { names: reply.vector((one) => one.string()).toSorted(byUnit), stat: readShellStat(reply) };
}

export async function getAcl(session: ShellSession, path: string): Promise<{ readonly acl: Acl; readonly stat: ShellStat }> {
  checkPath(path);
  const reply = await session.request(operationCodes.getAcl, path, (writer) => writer.string(session.full(path)));
  return { acl: readAcl(reply), stat: readShellStat(reply) };
}

export async function setAcl(session: ShellSession, path: string, acl: Acl, version: number): Promise<ShellStat> {
  checkPath(path);
  if (acl.length === 0) throw new KeeperError(keeperErrors.invalidAcl);
  return readShellStat(await session.request(operationCodes.setAcl, path, (writer) => {
    writer.string(session.full(path));
    writeAcl(writer, acl);
    writer.int(version);
  }));
}

export async function sync(session: ShellSession, path: string): Promise<void> {
  checkPath(path);
  await session.request(operationCodes.sync, path, (writer) => writer.string(session.full(path)));
}

export async function addWatch(session: ShellSession, path: string, isRecursive: boolean): Promise<void> {
  checkPath(path);
  await session.request(operationCodes.addWatch, path, (writer) => {
    writer.string(session.full(path));
    writer.int(isRecursive ? 1 : 0);
  });
  session.watches.add(isRecursive ? 'recursive' : 'persistent', path);
}

/**
 * @param type 1 children, 2 data, 3 any
 * @param isLocal takes it away here even where the server could not
 * @returns names of the events that follow
 */
export async function removeWatches(session: ShellSession, path: string, type: number, isLocal: boolean): Promise<string[]> {
  checkPath(path);
  if (!session.watches.has(type, path)) throw new KeeperError(keeperErrors.noWatcher, path);
  try {
    await session.request(operationCodes.removeWatches, path, (writer) => {
      writer.string(session.full(path));
      writer.int(type);
    });
  } catch (error) {
    if (!isLocal) throw error;
  }
  return session.watches.remove(type, path);
}

export async function whoAmI(session: ShellSession): Promise<Identity[]> {
  const reply = await session.request(operationCodes.whoAmI, undefined, () => undefined);
  return reply.vector((one) => ({ scheme: one.string(), id: one.string() }));
}

export async function getEphemerals(session: ShellSession, prefix: string): Promise<string[]> {
  checkPath(prefix);
  const reply = await session.request(operationCodes.getEphemerals, prefix, (writer) => writer.string(session.full(prefix)));
  return reply.vector((one) => session.relative(one.string()));
}

export async function getAllChildrenNumber(session: ShellSession, path: string): Promise<number> {
  checkPath(path);
  return (await session.request(operationCodes.getAllChildrenNumber, path, (writer) => writer.string(session.full(path)))).int();
}

export async function reconfigure(session: ShellSession, joining: string | null, leaving: string | null, members: string | null, version: number): Promise<{ readonly data: Buffer | null; readonly stat: ShellStat }> {
  const reply = await session.request(operationCodes.reconfig, undefined, (writer) => {
    writer.string(joining);
    writer.string(leaving);
    writer.string(members);
    writer.long(version);
  });
  return { data: reply.buffer(), stat: readShellStat(reply) };
}

/** As Java sorts strings. */
function byUnit(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
