import { parseAcl, aclText } from './acl-text.ts';
import { KeeperError, keeperErrors, ShellError } from './keeper-error.ts';
import {
  addWatch, create, createModes, exists, getAcl, getAllChildrenNumber, getChildren, getData, getDataAt, getEphemerals, reconfigure, remove, removeAll,
  removeWatches, setAcl, setData, sync, whoAmI,
} from './operations.ts';
import { deleteQuota, limitsPath, listQuota, setQuota } from './quota.ts';
import type { QuotaField } from './quota.ts';
import type { ShellEvent, ShellSession } from './session.ts';
import { statText } from './stat-text.ts';
import { integerOf } from './words.ts';
import type { OptionLetters, ParsedWords } from './words.ts';

/** What a command may use. */
export interface CommandContext {
  readonly session: ShellSession;
  /** Prints to standard output, as it is. */
  print(text: string): void;
  /** Prints a line to standard error. */
  complain(line: string): void;
  /** Prints an event that the client makes itself. */
  tell(event: ShellEvent): void;
}

export interface Command {
  /** What follows the name in the list of commands. */
  readonly usage: string;
  readonly letters: OptionLetters;
  /** Words needed, the command's name included; fewer print the usage. */
  readonly wordsMin: number;
  /** Works without waiting for the server, as Java's does. */
  run(context: CommandContext, parsed: ParsedWords): Promise<void>;
}

/** The release whose shell this one follows to the letter. */
const versionText = 'ZooKeeper CLI version: 3.8.4-9316c2a7a97e1666d8f4593f34dd6fc36ecc436c, built on 2024-02-12 22:16 UTC';
const ttlMaxMs = 2 ** 40 - 1;
const configPath = '/zookeeper/config';

const quotaFields: Readonly<Record<string, QuotaField>> = { n: 'count', b: 'bytes', N: 'countHardLimit', B: 'byteHardLimit' };

async function runCreate(context: CommandContext, { words, flags, values }: ParsedWords): Promise<void> {
  const [, path = '', text, aclWord] = words;
  const has = (letter: string): boolean => flags.has(letter);
  if (has('c') && (has('e') || has('s'))) throw new ShellError('-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.');
  const ttlWord = values.get('t');
  const ttlMs = ttlWord === undefined ? undefined : integerOf(ttlWord, '-t argument must be a long value');
  if (ttlMs !== undefined && has('e')) throw new ShellError('TTLs cannot be used with Ephemeral znodes');
  if (ttlMs !== undefined && has('c')) throw new ShellError('TTLs cannot be used with Container znodes');
  if (ttlMs !== undefined && (ttlMs <= 0 || ttlMs > ttlMaxMs)) throw new ShellError(`ttl must be positive and cannot be larger than: ${ttlMaxMs}`);
  const acl = aclWord === undefined ? undefined : parseAcl(aclWord, context.complain);
  try {
    const created = await create(context.session, path, text === undefined ? null : Buffer.from(text), acl, createFlags(flags, ttlMs !== undefined), ttlMs);
    context.complain(`Created ${created}`);
  } catch (error) {
    if (error instanceof KeeperError && error.code === keeperErrors.invalidAcl) context.complain(error.message);
    throw error;
  }
}

function createFlags(flags: ReadonlySet<string>, hasTtl: boolean): number {
  if (flags.has('c')) return createModes.container;
  if (hasTtl) return flags.has('s') ? createModes.ttlSequential : createModes.ttl;
  return (flags.has('e') ? createModes.ephemeral : 0) | (flags.has('s') ? createModes.sequential : 0);
}

/** `get path watch` of old shells: any second word is a watch. */
function wantsWatch(context: CommandContext, { words, flags }: ParsedWords, old: string, better: string): boolean {
  if (words.length <= 2) return flags.has('w');
  context.complain(`'${old}' has been deprecated. Please use '${better}' instead.`);
  return true;
}

async function runGet(context: CommandContext, parsed: ParsedWords): Promise<void> {
  const watch = wantsWatch(context, parsed, 'get path [watch]', 'get [-s] [-w] path');
  const { data, stat } = await getData(context.session, parsed.words[1] as string, watch);
  context.print(`${data === null ? 'null' : data.toString()}\n`);
  if (parsed.flags.has('s')) context.print(statText(stat));
}

async function runLs(context: CommandContext, parsed: ParsedWords): Promise<void> {
  const watch = wantsWatch(context, parsed, 'ls path [watch]', 'ls [-w] path');
  const path = parsed.words[1] as string;
  if (parsed.flags.has('R')) {
    await getData(context.session, path, watch);
    context.print(`${path}\n`);
    await visitBelow(context.session, path, watch, (child) => context.print(`${child}\n`));
    return;
  }
  const { names, stat } = await getChildren(context.session, path, watch);
  context.print(`[${names.join(', ')}]\n`);
  if (parsed.flags.has('s')) context.print(statText(stat));
}

/** All children of a node, then those of each of them; one that is gone meanwhile has none. */
async function visitBelow(session: ShellSession, path: string, watch: boolean, visit: (path: string) => void | Promise<void>): Promise<void> {
  let names: readonly string[];
  try {
    ({ names } = await getChildren(session, path, watch));
  } catch (error) {
    if (error instanceof KeeperError && error.code === keeperErrors.noNode) return;
    throw error;
  }
  const children = names.map((name) => (path === '/' ? `/${name}` : `${path}/${name}`));
  for (const child of children) await visit(child);
  for (const child of children) await visitBelow(session, child, watch, visit);
}

async function runStat(context: CommandContext, parsed: ParsedWords): Promise<void> {
  const watch = wantsWatch(context, parsed, 'stat path [watch]', 'stat [-w] path');
  const path = parsed.words[1] as string;
  const stat = await exists(context.session, path, watch);
  if (stat === undefined) throw new KeeperError(keeperErrors.noNode, path);
  context.print(statText(stat));
}

async function runSet(context: CommandContext, { words, flags, values }: ParsedWords): Promise<void> {
  const [, path = '', text = ''] = words;
  const stat = await setData(context.session, path, Buffer.from(text), versionOf(values.get('v')));
  if (flags.has('s')) context.print(statText(stat));
}

async function runDelete(context: CommandContext, { words, values }: ParsedWords): Promise<void> {
  // A version as second word is named as deprecated, and has no effect in ZooKeeper 3.8 either.
  const [, path = '', oldVersion] = words;
  if (oldVersion !== undefined) context.complain("'delete path [version]' has been deprecated. Please use 'delete [-v version] path' instead.");
  await remove(context.session, path, versionOf(values.get('v')));
}

function versionOf(word: string | undefined): number {
  return word === undefined ? -1 : integerOf(word, `version is no number: ${word}`);
}

async function runDeleteAll(context: CommandContext, { words, values }: ParsedWords): Promise<void> {
  const batchWord = values.get('b');
  const batchSize = batchWord === undefined ? 1000 : integerOf(batchWord, '-b argument must be an int value');
  if (batchSize <= 0) throw new ShellError('-b argument must be an int value');
  const path = words[1] as string;
  await getChildren(context.session, path, false);
  const paths = [path];
  for (let index = 0; index < paths.length; index++) {
    const parent = paths[index] as string;
    const { names } = await getChildren(context.session, parent, false);
    for (const name of names) paths.push(parent === '/' ? `/${name}` : `${parent}/${name}`);
  }
  paths.reverse();
  let failed = false;
  for (let index = 0; index < paths.length; index += batchSize) {
    try {
      await removeAll(context.session, paths.slice(index, index + batchSize));
    } catch (error) {
      if (!(error instanceof KeeperError)) throw error;
      failed = true;
    }
  }
  if (failed) context.complain('Failed to delete some node(s) in the subtree!');
}

async function runGetAcl(context: CommandContext, { words, flags }: ParsedWords): Promise<void> {
  const { acl, stat } = await getAcl(context.session, words[1] as string);
  context.print(aclText(acl));
  if (flags.has('s')) context.print(statText(stat));
}

async function runSetAcl(context: CommandContext, { words, flags, values }: ParsedWords): Promise<void> {
  const [, path = '', text = ''] = words;
  const acl = parseAcl(text, context.complain);
  const version = versionOf(values.get('v'));
  if (!flags.has('R')) {
    const stat = await setAcl(context.session, path, acl, version);
    if (flags.has('s')) context.print(statText(stat));
    return;
  }
  const setOne = async (child: string): Promise<void> => {
    await setAcl(context.session, child, acl, version).catch((error: unknown) => {
      if (!(error instanceof KeeperError)) throw error;
      context.print(error.message);
    });
  };
  await getData(context.session, path, false);
  await setOne(path);
  await visitBelow(context.session, path, false, setOne);
}

async function runAddWatch(context: CommandContext, { words, values }: ParsedWords): Promise<void> {
  const mode = values.get('m') ?? 'PERSISTENT_RECURSIVE';
  if (mode !== 'PERSISTENT' && mode !== 'PERSISTENT_RECURSIVE') throw new ShellError(usageOf('addWatch'));
  await addWatch(context.session, words[1] as string, mode === 'PERSISTENT_RECURSIVE');
}

async function runRemoveWatches(context: CommandContext, { words, flags }: ParsedWords): Promise<void> {
  const path = words[1] as string;
  const type = flags.has('c') ? 1 : flags.has('d') ? 2 : 3;
  for (const event of await removeWatches(context.session, path, type, flags.has('l'))) context.tell({ state: 'SyncConnected', type: event, path });
}

async function runConfig(context: CommandContext, { flags }: ParsedWords): Promise<void> {
  const { data, stat } = await getDataAt(context.session, configPath, configPath, flags.has('w'));
  const text = data?.toString() ?? '';
  context.print(`${flags.has('c') ? clientConfig(text) : text}\n`);
  if (flags.has('s')) context.print(statText(stat));
}

/** `version host:port,…` of the servers' client addresses. */
function clientConfig(text: string): string {
  const version = /^version=(\w+)$/m.exec(text)?.[1] ?? '';
  return `${version} ${[...text.matchAll(/^server\.\d+=.*;(\S+)$/gm)].map(([, address]) => address).join(',')}`;
}

async function runReconfig(context: CommandContext, { flags, values }: ParsedWords): Promise<void> {
  const [joining, leaving, members] = [values.get('a'), values.get('r'), values.get('m')];
  if (joining === undefined && leaving === undefined && members === undefined) throw new ShellError(usageOf('reconfig'));
  const { data, stat } = await reconfigure(context.session, joining ?? null, leaving ?? null, members ?? null, versionOf(values.get('v')));
  context.print(`Committed new configuration:\n${data?.toString() ?? ''}\n`);
  if (flags.has('s')) context.print(statText(stat));
}

async function runSetQuota(context: CommandContext, { words, values }: ParsedWords): Promise<void> {
  const letters = [...values.keys()];
  const [letter, other] = letters;
  if (letter === undefined) {
    throw new ShellError('org.apache.commons.cli.MissingOptionException: Missing required option: [-n num soft quota, -b bytes soft quota, -N num hard quota, -B bytes hard quota]');
  }
  if (other !== undefined) {
    throw new ShellError(`org.apache.commons.cli.AlreadySelectedException: The option '${other}' was specified but an option from this group has already been selected: '${letter}'`);
  }
  if (words.length < 2) throw new ShellError(usageOf('setquota'));
  const limit = integerOf(values.get(letter) as string, 'NumberFormatException happens when parsing the option value');
  const isCount = letter === 'n' || letter === 'N';
  if (isCount && limit <= 0) throw new ShellError('the num quota must be greater than zero');
  if (!isCount && limit < 0) throw new ShellError('the bytes quota must be greater than or equal to zero');
  for (const line of await setQuota(context.session, words[1] as string, quotaFields[letter] as QuotaField, limit)) context.print(`${line}\n`);
}

async function runListQuota(context: CommandContext, { words }: ParsedWords): Promise<void> {
  const path = words[1] as string;
  context.complain(`absolute path is ${limitsPath(path)}`);
  const lines = await listQuota(context.session, path);
  if (lines === undefined) context.complain(`quota for ${path} does not exist.`);
  else for (const line of lines) context.print(`${line}\n`);
}

async function runDeleteQuota(context: CommandContext, { words, flags }: ParsedWords): Promise<void> {
  const path = words[1] as string;
  const letter = [...flags][0];
  if (!await deleteQuota(context.session, path, letter === undefined ? undefined : quotaFields[letter])) context.print(`Quota does not exist for ${path}\n`);
}

const none: OptionLetters = {};
const byShell = { letters: none, wordsMin: 1, run: async (): Promise<void> => undefined };

/** By name, in the order of the list that an unknown command prints. `byShell`: carried out by the shell itself. */
export const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['addWatch', { usage: '[-m mode] path # optional mode is one of [PERSISTENT, PERSISTENT_RECURSIVE] - default is PERSISTENT_RECURSIVE', letters: { m: true }, wordsMin: 2, run: runAddWatch }],
  ['addauth', { usage: 'scheme auth', letters: none, wordsMin: 2, run: async ({ session }, { words }) => session.addAuth(words[1] as string, Buffer.from(words[2] ?? '')) }],
  ['close', { usage: '', letters: none, wordsMin: 1, run: ({ session }) => session.close() }],
  ['config', { usage: '[-c] [-w] [-s]', letters: { c: false, w: false, s: false }, wordsMin: 1, run: runConfig }],
  ['connect', { ...byShell, usage: 'host:port' }],
  ['create', { usage: '[-s] [-e] [-c] [-t ttl] path [data] [acl]', letters: { s: false, e: false, c: false, t: true }, wordsMin: 2, run: runCreate }],
  ['delete', { usage: '[-v version] path', letters: { v: true }, wordsMin: 2, run: runDelete }],
  ['deleteall', { usage: 'path [-b batch size]', letters: { b: true }, wordsMin: 2, run: runDeleteAll }],
  ['delquota', { usage: '[-n|-b|-N|-B] path', letters: { n: false, b: false, N: false, B: false }, wordsMin: 2, run: runDeleteQuota }],
  ['get', { usage: '[-s] [-w] path', letters: { s: false, w: false }, wordsMin: 2, run: runGet }],
  ['getAcl', { usage: '[-s] path', letters: { s: false }, wordsMin: 2, run: runGetAcl }],
  ['getAllChildrenNumber', {
    usage: 'path', letters: none, wordsMin: 2,
    run: async ({ session, print }, { words }) => print(`${await getAllChildrenNumber(session, words[1] as string)}\n`),
  }],
  ['getEphemerals', {
    usage: 'path', letters: none, wordsMin: 1,
    run: async ({ session, print }, { words }) => print(`[${(await getEphemerals(session, words[1] ?? '/')).join(', ')}]\n`),
  }],
  ['history', { ...byShell, usage: '' }],
  ['listquota', { usage: 'path', letters: none, wordsMin: 2, run: runListQuota }],
  ['ls', { usage: '[-s] [-w] [-R] path', letters: { s: false, w: false, R: false }, wordsMin: 2, run: runLs }],
  ['printwatches', { ...byShell, usage: 'on|off' }],
  ['quit', { ...byShell, usage: '' }],
  ['reconfig', {
    usage: '[-s] [-v version] [[-file path] | [-members serverID=host:port1:port2;port3[,...]*]] | [-add serverId=host:port1:port2;port3[,...]]* [-remove serverId[,...]*]',
    letters: { s: false, v: true, a: true, r: true, m: true }, wordsMin: 1, run: runReconfig,
  }],
  ['redo', { ...byShell, usage: 'cmdno' }],
  ['removewatches', { usage: 'path [-c|-d|-a] [-l]', letters: { c: false, d: false, a: false, l: false }, wordsMin: 2, run: runRemoveWatches }],
  ['set', { usage: '[-s] [-v version] path data', letters: { s: false, v: true }, wordsMin: 3, run: runSet }],
  ['setAcl', { usage: '[-s] [-v version] [-R] path acl', letters: { s: false, v: true, R: false }, wordsMin: 3, run: runSetAcl }],
  ['setquota', { usage: '-n|-b|-N|-B val path', letters: { n: true, b: true, N: true, B: true }, wordsMin: 1, run: runSetQuota }],
  ['stat', { usage: '[-w] path', letters: { w: false }, wordsMin: 2, run: runStat }],
  ['sync', {
    usage: 'path', letters: none, wordsMin: 2,
    run: async ({ session, print }, { words }) => {
      await sync(session, words[1] as string);
      print('Sync is OK\n');
    },
  }],
  ['version', { usage: '', letters: none, wordsMin: 1, run: async ({ print }) => print(`${versionText}\n`) }],
  ['whoami', {
    usage: '', letters: none, wordsMin: 1,
    run: async ({ session, print }) => {
      const identities = await whoAmI(session);
      print(`Auth scheme: User\n${identities.map(({ scheme, id }) => `${scheme}: ${id}\n`).join('')}`);
    },
  }],
]);

export function usageOf(name: string): string {
  return `${name} ${commands.get(name)?.usage ?? ''}`;
}

/** The list that an unknown command prints. */
export function commandList(): string {
  return ['ZooKeeper -server host:port [-zk-tls-config-file <file>] cmd args', ...[...commands.keys()].map((name) => `\t${usageOf(name)}`)].join('\n');
}
