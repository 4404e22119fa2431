import { checkPath, KeeperError, keeperErrors, ShellError } from './keeper-error.ts';
import { create, exists, getChildren, getData, remove, setData } from './operations.ts';
import type { ShellSession } from './session.ts';

/** Quotas are ordinary nodes below here: limits that clients write, and what the server counts. */
const quotaRoot = '/zookeeper/quota';
const limitsName = 'zookeeper_limits';
const statsName = 'zookeeper_stats';

/** -1 is no limit. */
export interface Quota {
  readonly count: number;
  readonly bytes: number;
  readonly byteHardLimit: number;
  readonly countHardLimit: number;
}

export type QuotaField = keyof Quota;

const noQuota: Quota = { count: -1, bytes: -1, byteHardLimit: -1, countHardLimit: -1 };

/** As ZooKeeper's StatsTrack: `count=5,bytes=-1=;byteHardLimit=-1;countHardLimit=-1`, and short where no hard limit was set. */
export function quotaText({ count, bytes, byteHardLimit, countHardLimit }: Quota): string {
  return `count=${count},bytes=${bytes}=;byteHardLimit=${byteHardLimit};countHardLimit=${countHardLimit}`;
}

export function parseQuota(text: string): Quota {
  const numbers = new Map([...text.matchAll(/(\w+)=(-?\d+)/g)].map(([, name = '', value]) => [name, Number(value)]));
  const numberOf = (field: QuotaField): number => numbers.get(field) ?? -1;
  return { count: numberOf('count'), bytes: numberOf('bytes'), byteHardLimit: numberOf('byteHardLimit'), countHardLimit: numberOf('countHardLimit') };
}

/** @returns warnings to print */
export async function setQuota(session: ShellSession, path: string, field: QuotaField, limit: number): Promise<string[]> {
  if (await exists(session, path, false) === undefined) throw new ShellError(`${path} does not exist.`);
  await checkChildQuota(session, path);
  await checkParentQuota(session, path);
  await createIfMissing(session, quotaRoot);
  let folder = quotaRoot;
  for (const name of path.split('/').filter((part) => part !== '')) {
    folder += `/${name}`;
    await createIfMissing(session, folder);
  }
  const limits = `${quotaPath(path)}/${limitsName}`;
  const stats = `${quotaPath(path)}/${statsName}`;
  const before = await find(session, limits);
  const after: Quota = { ...(before === undefined ? noQuota : parseQuota(before)), [field]: limit };
  if (before === undefined) {
    await create(session, limits, Buffer.from(quotaText(after)));
    // The server notes the use as it sees the limits appear, if the node for it is there.
    await createIfMissing(session, stats, Buffer.from('count=0,bytes=0'));
  } else {
    await setData(session, limits, Buffer.from(quotaText(after)), -1);
  }
  return warnings(after, parseQuota(await find(session, stats) ?? ''));
}

function warnings(quota: Quota, used: Quota): string[] {
  const isOver = (use: number, limits: readonly number[]): boolean => limits.some((limit) => limit > -1 && use > limit);
  return [
    ...(isOver(used.count, [quota.count, quota.countHardLimit]) ? [`[Warning]: the count quota you create is less than the existing count:${used.count}`] : []),
    ...(isOver(used.bytes, [quota.bytes, quota.byteHardLimit]) ? [`[Warning]: the bytes quota you create is less than the existing bytes:${used.bytes}`] : []),
  ];
}

/** The lines to print, or undefined where no quota is set. */
export async function listQuota(session: ShellSession, path: string): Promise<string[] | undefined> {
  checkPath(path);
  const limits = await find(session, `${quotaPath(path)}/${limitsName}`);
  if (limits === undefined) return undefined;
  const stats = await find(session, `${quotaPath(path)}/${statsName}`);
  return [`Output quota for ${path} ${limits}`, ...(stats === undefined ? [] : [`Output stat for ${path} ${stats}`])];
}

export function limitsPath(path: string): string {
  return `${quotaPath(path)}/${limitsName}`;
}

/**
 * Takes one limit away, or the whole quota.
 *
 * @returns false where none is set
 */
export async function deleteQuota(session: ShellSession, path: string, field: QuotaField | undefined): Promise<boolean> {
  checkPath(path);
  const limits = await find(session, limitsPath(path));
  if (limits === undefined) return false;
  if (field !== undefined) {
    await setData(session, limitsPath(path), Buffer.from(quotaText({ ...parseQuota(limits), [field]: -1 })), -1);
    return true;
  }
  for (const name of (await getChildren(session, quotaPath(path), false)).names) await remove(session, `${quotaPath(path)}/${name}`, -1);
  for (let folder = quotaPath(path); folder !== quotaRoot; folder = folder.slice(0, folder.lastIndexOf('/'))) {
    if ((await getChildren(session, folder, false)).names.length > 0) break;
    await remove(session, folder, -1);
  }
  return true;
}

function quotaPath(path: string): string {
  return `${quotaRoot}${path}`;
}

async function checkParentQuota(session: ShellSession, path: string): Promise<void> {
  let parent = '';
  for (const name of path.split('/').filter((part) => part !== '').slice(0, -1)) {
    parent += `/${name}`;
    if (await exists(session, limitsPath(parent), false) !== undefined) throw new ShellError(`${path} has a parent ${parent} which has a quota`);
  }
}

async function checkChildQuota(session: ShellSession, path: string): Promise<void> {
  const below = async (folder: string, real: string): Promise<void> => {
    for (const name of await childrenOf(session, folder)) {
      if (name === limitsName && real !== path) throw new ShellError(`${path} has a child ${real} which has a quota`);
      if (name !== limitsName && name !== statsName) await below(`${folder}/${name}`, `${real}/${name}`);
    }
  };
  await below(quotaPath(path), path);
}

async function childrenOf(session: ShellSession, path: string): Promise<readonly string[]> {
  try {
    return (await getChildren(session, path, false)).names;
  } catch (error) {
    if (error instanceof KeeperError && error.code === keeperErrors.noNode) return [];
    throw error;
  }
}

async function find(session: ShellSession, path: string): Promise<string | undefined> {
  try {
    return (await getData(session, path, false)).data?.toString() ?? '';
  } catch (error) {
    if (error instanceof KeeperError && error.code === keeperErrors.noNode) return undefined;
    throw error;
  }
}

async function createIfMissing(session: ShellSession, path: string, data: Buffer | null = null): Promise<void> {
  try {
    await create(session, path, data);
  } catch (error) {
    if (!(error instanceof KeeperError) || error.code !== keeperErrors.nodeExists) throw error;
  }
}
