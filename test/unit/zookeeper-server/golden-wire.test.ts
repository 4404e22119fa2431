import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { ZooKeeperCore, type Client } from '../../../src/zookeeper-server/core.ts';
import { JuteReader, JuteWriter } from '../../../src/zookeeper-server/jute.ts';
import { writeConnectReply, writeEvent, writeReply } from '../../../src/zookeeper-server/replies.ts';
import { readRequest } from '../../../src/zookeeper-server/requests.ts';
import { sessionPassword } from '../../../src/zookeeper-server/sessions.ts';
import { create, remove, setData } from './support.ts';

/** Frames of Apache ZooKeeper 3.8.4, replayed: our reply must be its reply to the byte, clock times aside. */
interface Exchange {
  readonly name: string;
  readonly request?: string;
  readonly response?: string | null;
  readonly op?: number;
  readonly reply?: { readonly xid: number; readonly zxid: number; readonly err: number };
  readonly event?: string | null;
  readonly eventsBeforeResponse?: readonly string[];
}

const folder = path.join(import.meta.dirname, 'golden/wire');

function exchangesOf(name: string): Exchange[] {
  return (JSON.parse(fs.readFileSync(path.join(folder, `${name}.json`), 'utf8')) as { exchanges: Exchange[] }).exchanges;
}

const writes: ReadonlySet<number> = new Set([1, 2, 5, 7, 14, 15, 19, 21]);
/** The times of that recording all begin so; ours are made to. */
const recordedTime = /000001a1fc[0-9a-f]{6}/g;
const nowMs = 0x1a1fc000000;

class Replay {
  readonly core = new ZooKeeperCore<Client>({ extendedTypes: true, enforceQuota: false, skipAcl: false }, 0);
  readonly other: Client = { sessionId: '01000000000000ff', identities: [] };
  client: Client = this.other;
  heard: string[] = [];

  constructor() {
    this.core.sessions.set(this.other.sessionId, 6000);
  }

  connect(exchange: Exchange): void {
    const reader = new JuteReader(Buffer.from(exchange.response!, 'hex'));
    reader.int();
    reader.int();
    const timeoutMs = reader.int();
    const sessionId = reader.hexLong();
    this.core.sessions.set(sessionId, timeoutMs);
    this.client = { sessionId, identities: [{ scheme: 'ip', id: '127.0.0.1' }] };
    const writer = new JuteWriter();
    writeConnectReply(writer, { timeoutMs, sessionId, password: sessionPassword(sessionId) }, true);
    expect(writer.take().toString('hex'), exchange.name).to.equal(exchange.response);
  }

  /** Something that the recording had done by another session, at the zxid that it had then. */
  aside(zxid: number, request: Parameters<ZooKeeperCore<Client>['apply']>[1]): void {
    this.core.tree.lastZxid = zxid - 1;
    const outcome = this.core.apply(1, request, this.other, nowMs);
    expect(outcome.reply!.code).to.equal(0);
    this.#hear(outcome);
  }

  #hear({ events }: { readonly events: ReturnType<ZooKeeperCore<Client>['apply']>['events'] }): void {
    for (const { to, type, path: at } of events) {
      if (to !== this.client) continue;
      const writer = new JuteWriter();
      writeEvent(writer, type, at);
      this.heard.push(writer.take().toString('hex'));
    }
  }

  answer(exchange: Exchange): string {
    const frame = Buffer.from(exchange.request!, 'hex');
    const reader = new JuteReader(frame, 4);
    const xid = reader.int();
    const type = reader.int();
    expect(frame.readInt32BE(0)).to.equal(frame.length - 4);
    const { zxid } = exchange.reply!;
    if (zxid > 0) this.core.tree.lastZxid = writes.has(type) ? zxid - 1 : zxid;
    const outcome = this.core.apply(xid, readRequest(type, reader), this.client, nowMs);
    expect(outcome.transaction !== undefined, `${exchange.name}: logged`).to.equal(writes.has(type));
    this.#hear(outcome);
    const writer = new JuteWriter();
    writeReply(writer, outcome.reply!);
    return writer.take().toString('hex');
  }

  play(exchange: Exchange): void {
    if (exchange.request !== undefined && exchange.op === undefined) {
      this.connect(exchange);
    } else if (exchange.request === undefined) {
      const wanted = exchange.event ?? undefined;
      expect(this.heard.shift(), exchange.name).to.equal(wanted);
    } else {
      const ours = this.answer(exchange).replace(recordedTime, 'time');
      const theirs = exchange.response!.replace(recordedTime, 'time');
      if (exchange.eventsBeforeResponse !== undefined) expect(this.heard.splice(0), exchange.name).to.deep.equal(exchange.eventsBeforeResponse);
      if (exchange.name.includes('getChildren')) expect(sortedNames(ours), exchange.name).to.deep.equal(sortedNames(theirs));
      else expect(ours, exchange.name).to.equal(theirs);
    }
  }
}

/** A children reply with its names in order, since a hash set has none. */
function sortedNames(hex: string): unknown {
  if (hex.includes('time')) return [...hex.matchAll(/[0-9a-f]{2}/g)].map(String).sort();
  const reader = new JuteReader(Buffer.from(hex, 'hex'), 20);
  return [hex.slice(0, 40), reader.vector((one) => one.string()).sort()];
}

describe('replies to frames recorded from Apache ZooKeeper 3.8.4', () => {
  it('are its own for creates, deletes, reads, ACLs and their errors', () => {
    const replay = new Replay();
    for (const exchange of exchangesOf('basic')) {
      if (exchange.name.startsWith('sequential number is')) {
        replay.aside(38, create('/seq'));
        replay.aside(39, create('/seq/a'));
        replay.aside(40, remove('/seq/a'));
      }
      replay.play(exchange);
    }
  });

  it('are its own for multi and multiRead', () => {
    const replay = new Replay();
    replay.aside(43, create('/m'));
    for (const exchange of exchangesOf('multi')) replay.play(exchange);
  });

  it('are its own for digest and ip authentication', () => {
    const replay = new Replay();
    for (const exchange of exchangesOf('auth')) replay.play(exchange);
  });

  it('and events are its own for one-shot, persistent and recursive watches', () => {
    const replay = new Replay();
    replay.aside(52, create('/x'));
    const before: Readonly<Record<string, () => void>> = {
      'another session set /x: NodeDataChanged (3)': () => replay.aside(53, setData('/x', '1')),
      'second set: no event (one-shot)': () => replay.aside(54, setData('/x', '2')),
      'NodeCreated (1)': () => replay.aside(55, create('/x/new')),
      'NodeChildrenChanged (4)': () => replay.aside(56, create('/x/n2')),
      'NodeDeleted (2): one event though data and child watch were set': () => replay.aside(57, remove('/x/n2')),
      'setData /x': () => replay.aside(58, setData('/x', '3')),
      'create /x/deep': () => replay.aside(59, create('/x/deep')),
      'setData /x/deep': () => replay.aside(60, setData('/x/deep', '3')),
      'delete /x/deep': () => replay.aside(61, remove('/x/deep')),
      'after setWatches2': () => {
        if (replay.core.tree.nodes.get('/x')!.mzxid < 71) replay.aside(71, setData('/x', '5'));
      },
    };
    for (const exchange of exchangesOf('watches')) {
      if (exchange.name.startsWith('setWatches (op 101')) {
        replay.aside(68, setData('/x', '4'));
        replay.aside(69, remove('/x/new'));
        replay.aside(70, create('/x/later'));
        replay.heard.length = 0;
      }
      before[exchange.name]?.();
      replay.play(exchange);
    }
  });

  it('give the password that ZooKeeper gives to a session', () => {
    for (const exchange of exchangesOf('session')) {
      if (exchange.name.startsWith('connect')) {
        const reader = new JuteReader(Buffer.from(exchange.response!, 'hex'), 12);
        expect(sessionPassword(reader.hexLong())).to.deep.equal(reader.buffer());
      }
    }
  });
});
