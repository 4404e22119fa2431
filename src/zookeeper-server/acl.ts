import { createHash } from 'node:crypto';
import { errorCodes, type ErrorCode } from './errors.ts';
import type { JuteReader, JuteWriter } from './jute.ts';
import { permissions } from './operations.ts';

/** Who somebody is, as one authentication scheme says it. */
export interface Identity {
  readonly scheme: string;
  readonly id: string;
}

export interface AclEntry extends Identity {
  /** Bits of `permissions`. */
  readonly permissions: number;
}

export type Acl = readonly AclEntry[];

/** Everybody may do everything: what Kafka and most others create with. Stored as index -1, not in the table. */
export const openAcl: Acl = [{ permissions: permissions.all, scheme: 'world', id: 'anyone' }];
export const readOnlyAcl: Acl = [{ permissions: permissions.read, scheme: 'world', id: 'anyone' }];

export function readAcl(reader: JuteReader): AclEntry[] {
  // Some clients send no id with `auth`, which needs none. A missing scheme is an unknown one.
  return reader.vector((one) => ({ permissions: one.int(), scheme: one.nullableString() ?? '', id: one.nullableString() ?? '' }));
}

export function writeAcl(writer: JuteWriter, acl: Acl): void {
  writer.vector(acl, (one, entry) => {
    one.int(entry.permissions);
    one.string(entry.scheme);
    one.string(entry.id);
  });
}

/** What is stored for `user:password` in the digest scheme: `user:base64(sha1(user:password))`. */
export function digestIdentity(userAndPassword: string): string {
  const colon = userAndPassword.indexOf(':');
  const user = colon === -1 ? userAndPassword : userAndPassword.slice(0, colon);
  return `${user}:${createHash('sha1').update(userAndPassword).digest('base64')}`;
}

/**
 * The ACL that a create or setACL stores: duplicates dropped, `auth` replaced by what the client proved to be.
 *
 * @see PrepRequestProcessor.fixupACL in Apache ZooKeeper 3.8
 */
export function resolveAcl(acl: Acl, identities: readonly Identity[]): Acl | ErrorCode {
  if (acl.length === 1 && isOpen(acl[0]!)) return openAcl;
  if (acl.length === 0) return errorCodes.INVALID_ACL;
  const resolved: AclEntry[] = [];
  const seen = new Set<string>();
  for (const entry of acl) {
    const key = `${entry.permissions} ${entry.scheme} ${entry.id}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (entry.scheme === 'world' && entry.id === 'anyone') {
      resolved.push(entry);
    } else if (entry.scheme === 'auth') {
      const proved = identities.filter((identity) => identity.scheme === 'digest');
      if (proved.length === 0) return errorCodes.INVALID_ACL;
      for (const { scheme, id } of proved) resolved.push({ permissions: entry.permissions, scheme, id });
    } else if (isValidIdentity(entry)) {
      resolved.push(entry);
    } else {
      return errorCodes.INVALID_ACL;
    }
  }
  return resolved;
}

function isOpen(entry: AclEntry): boolean {
  return entry.permissions === permissions.all && entry.scheme === 'world' && entry.id === 'anyone';
}

function isValidIdentity({ scheme, id }: Identity): boolean {
  if (scheme === 'digest') return id.replace(/:+$/, '').split(':').length === 2;
  if (scheme === 'ip') return parseAddressRange(id) !== undefined;
  return false;
}

/** Whether one of the identities has one of the permission bits. An empty ACL lets everybody in, as in ZooKeeper. */
export function isPermitted(acl: Acl, permission: number, identities: readonly Identity[]): boolean {
  if (acl === openAcl || acl.length === 0) return true;
  if (identities.some((identity) => identity.scheme === 'super')) return true;
  for (const entry of acl) {
    if ((entry.permissions & permission) === 0) continue;
    if (entry.scheme === 'world' && entry.id === 'anyone') return true;
    for (const identity of identities) {
      if (identity.scheme === entry.scheme && matches(identity, entry)) return true;
    }
  }
  return false;
}

function matches(identity: Identity, entry: AclEntry): boolean {
  if (identity.scheme !== 'ip') return identity.id === entry.id;
  const range = parseAddressRange(entry.id);
  const address = parseAddress(identity.id);
  if (range === undefined || address === undefined || range.address.length !== address.length) return false;
  for (let bit = 0; bit < range.bits; bit++) {
    const mask = 0x80 >> (bit & 7);
    if (((range.address[bit >> 3]! ^ address[bit >> 3]!) & mask) !== 0) return false;
  }
  return true;
}

function parseAddressRange(id: string): { readonly address: readonly number[]; readonly bits: number } | undefined {
  const slash = id.indexOf('/');
  const address = parseAddress(slash === -1 ? id : id.slice(0, slash));
  if (address === undefined || address.length !== 4) return undefined; // ZooKeeper's ip scheme knows IPv4 alone
  if (slash === -1) return { address, bits: 32 };
  const text = id.slice(slash + 1);
  if (!/^\+?\d{1,9}$/.test(text) || Number(text) > 32) return undefined;
  return { address, bits: Number(text) };
}

/** Bytes of a dotted IPv4 or a colon-separated IPv6 address. */
function parseAddress(text: string): number[] | undefined {
  if (!text.includes(':')) {
    const parts = text.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
    return parts.length === 4 && parts.every((part) => part <= 255) ? parts : undefined;
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
}

/** An address in the form that Java prints and ZooKeeper compares: IPv4 plain, IPv6 without `::`. */
export function canonicalAddress(address: string): string {
  const plain = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address.replace(/%.*$/, '');
  const bytes = parseAddress(plain);
  if (bytes === undefined || bytes.length === 4) return plain;
  return Array.from({ length: 8 }, (_, group) => (bytes[group * 2]! * 256 + bytes[group * 2 + 1]!).toString(16)).join(':');
}

interface TableEntry {
  readonly index: number;
  readonly acl: Acl;
  readonly key: string;
  uses: number;
}

/** Index of `openAcl`, which is in no table. */
export const openAclIndex = -1;

/** Equal ACLs are kept once; nodes hold an index (ReferenceCountedACLCache). */
export class AclTable {
  readonly #byKey = new Map<string, TableEntry>();
  readonly #byIndex = new Map<number, TableEntry>();
  #last = 0;

  get size(): number {
    return this.#byIndex.size;
  }

  /** The index of an ACL, with one use counted. */
  use(acl: Acl): number {
    if (acl === openAcl || (acl.length === 1 && isOpen(acl[0]!))) return openAclIndex;
    const key = acl.map((entry) => `${entry.permissions} ${JSON.stringify([entry.scheme, entry.id])}`).join();
    let entry = this.#byKey.get(key);
    if (entry === undefined) entry = this.#add(++this.#last, acl, key);
    entry.uses++;
    return entry.index;
  }

  /** Takes an entry of a snapshot over; nodes count their use with `useIndex`. */
  load(index: number, acl: Acl): void {
    const key = acl.map((entry) => `${entry.permissions} ${JSON.stringify([entry.scheme, entry.id])}`).join();
    this.#add(index, acl, key);
    this.#last = Math.max(this.#last, index);
  }

  #add(index: number, acl: Acl, key: string): TableEntry {
    const entry: TableEntry = { index, acl, key, uses: 0 };
    this.#byKey.set(key, entry);
    this.#byIndex.set(index, entry);
    return entry;
  }

  useIndex(index: number): void {
    const entry = this.#byIndex.get(index);
    if (entry !== undefined) entry.uses++;
  }

  release(index: number): void {
    const entry = this.#byIndex.get(index);
    if (entry === undefined || --entry.uses > 0) return;
    this.#byIndex.delete(index);
    if (this.#byKey.get(entry.key) === entry) this.#byKey.delete(entry.key);
  }

  /** Drops what no node uses, after a load. */
  purge(): void {
    for (const entry of this.#byIndex.values()) {
      if (entry.uses > 0) continue;
      this.#byIndex.delete(entry.index);
      if (this.#byKey.get(entry.key) === entry) this.#byKey.delete(entry.key);
    }
  }

  get(index: number): Acl {
    return this.#byIndex.get(index)?.acl ?? openAcl;
  }

  entries(): readonly { readonly index: number; readonly acl: Acl }[] {
    return [...this.#byIndex.values()];
  }
}
