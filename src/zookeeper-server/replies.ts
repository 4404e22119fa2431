import { writeAcl, type Acl, type Identity } from './acl.ts';
import { writeStat, type Stat } from './data-node.ts';
import { specialXids, type EventType } from './operations.ts';
import type { JuteWriter } from './jute.ts';

export type ReplyBody =
  | { readonly kind: 'path'; readonly path: string | null }
  | { readonly kind: 'path-and-stat'; readonly path: string; readonly stat: Stat }
  | { readonly kind: 'stat'; readonly stat: Stat }
  | { readonly kind: 'data'; readonly data: Buffer | null; readonly stat: Stat }
  | { readonly kind: 'acl'; readonly acl: Acl; readonly stat: Stat }
  | { readonly kind: 'children'; readonly names: readonly string[]; readonly stat: Stat | undefined }
  | { readonly kind: 'paths'; readonly paths: readonly string[] }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'identities'; readonly identities: readonly Identity[] }
  | { readonly kind: 'null-token' }
  | { readonly kind: 'results'; readonly results: readonly StepReply[] };

/** One step's part of a multi's or multiRead's reply. */
export interface StepReply {
  /** The step's operation; its reply has a body, or none for delete and check. Undefined for an error. */
  readonly type: number | undefined;
  readonly code: number;
  readonly body: ReplyBody | undefined;
}

export interface Reply {
  readonly xid: number;
  readonly zxid: number;
  readonly code: number;
  readonly body: ReplyBody | undefined;
}

/** Writes a whole frame, with its length. */
export function writeReply(writer: JuteWriter, reply: Reply): void {
  const start = writer.beginFrame();
  writer.int(reply.xid);
  writer.long(reply.zxid);
  writer.int(reply.code);
  if (reply.body !== undefined) writeBody(writer, reply.body);
  writer.endFrame(start);
}

function writeBody(writer: JuteWriter, body: ReplyBody): void {
  switch (body.kind) {
    case 'path':
      writer.string(body.path);
      return;
    case 'path-and-stat':
      writer.string(body.path);
      writeStat(writer, body.stat);
      return;
    case 'stat':
      writeStat(writer, body.stat);
      return;
    case 'data':
      writer.buffer(body.data);
      writeStat(writer, body.stat);
      return;
    case 'acl':
      writeAcl(writer, body.acl);
      writeStat(writer, body.stat);
      return;
    case 'children':
      writer.vector(body.names, (one, name) => one.string(name));
      if (body.stat !== undefined) writeStat(writer, body.stat);
      return;
    case 'paths':
      writer.vector(body.paths, (one, path) => one.string(path));
      return;
    case 'number':
      writer.int(body.value);
      return;
    case 'identities':
      writer.vector(body.identities, (one, identity) => {
        one.string(identity.scheme);
        one.string(identity.id);
      });
      return;
    case 'null-token':
      writer.int(-1);
      return;
    case 'results':
      writeResults(writer, body.results);
      return;
    default:
      return unreachable(body);
  }
}

function writeResults(writer: JuteWriter, results: readonly StepReply[]): void {
  for (const { type, code, body } of results) {
    writer.int(type ?? -1);
    writer.bool(false);
    writer.int(code);
    if (type === undefined) writer.int(code);
    else if (body !== undefined) writeBody(writer, body);
  }
  writer.int(-1);
  writer.bool(true);
  writer.int(-1);
}

const syncConnected = 3;

export function writeEvent(writer: JuteWriter, type: EventType, path: string): void {
  const start = writer.beginFrame();
  writer.int(specialXids.notification);
  writer.long(-1);
  writer.int(0);
  writer.int(type);
  writer.int(syncConnected);
  writer.string(path);
  writer.endFrame(start);
}

export interface ConnectReply {
  /** 0, with session id 0, when the session is not there (any more). */
  readonly timeoutMs: number;
  readonly sessionId: string;
  readonly password: Buffer;
}

/** @param withReadOnly whether the client's request had the read-only byte, which clients before 3.4 do not know */
export function writeConnectReply(writer: JuteWriter, reply: ConnectReply, withReadOnly: boolean): void {
  const start = writer.beginFrame();
  writer.int(0);
  writer.int(reply.timeoutMs);
  writer.hexLong(reply.sessionId);
  writer.buffer(reply.password);
  if (withReadOnly) writer.bool(false);
  writer.endFrame(start);
}

function unreachable(body: never): never {
  throw new Error(`unknown body ${JSON.stringify(body)}`);
}
