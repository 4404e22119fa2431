import { expect } from 'chai';
import type { Client } from '../../../src/zookeeper-server/core.ts';
import type { Request } from '../../../src/zookeeper-server/requests.ts';
import { WatchTable } from '../../../src/zookeeper-server/watches.ts';
import { create, remove, setData, TestCore } from './support.ts';

const addWatch = (path: string, mode: number): Request => ({ kind: 'add-watch', path, mode });
const persistent = 0;
const recursive = 1;

/** One who changes, one who watches /a and its surroundings with `arm`; what the watcher hears of each change. */
function heard(arm: readonly Request[], changes: readonly Request[], before: readonly Request[] = [create('/a')]): string[][] {
  const test = new TestCore();
  const [writer, watcher] = [test.client(), test.client()];
  for (const request of before) test.apply(writer, request);
  for (const request of arm) test.apply(watcher, request);
  return changes.map((request) => test.events([writer, watcher], test.apply(writer, request)).map((event) => event.replace('1: ', '')));
}

const exists = (path: string): Request => ({ kind: 'exists', path, watch: true });
const getData = (path: string): Request => ({ kind: 'get-data', path, watch: true });
const getChildren = (path: string): Request => ({ kind: 'get-children', path, watch: true, withStat: true });

describe('a one-shot watch', () => {
  it('of exists tells of the creation, once', () => {
    expect(heard([exists('/b')], [create('/b'), setData('/b', 'x')])).to.deep.equal([['1 /b'], []]);
  });
  it('of exists tells of a change and of a deletion too', () => {
    expect(heard([exists('/a')], [setData('/a', 'x')])).to.deep.equal([['3 /a']]);
    expect(heard([exists('/a')], [remove('/a')])).to.deep.equal([['2 /a']]);
  });
  it('of getData is not set on what is not there', () => {
    expect(heard([getData('/b')], [create('/b')])).to.deep.equal([[]]);
  });
  it('of getChildren tells of children made and deleted, not of their data', () => {
    expect(heard([getChildren('/a')], [setData('/a', ''), create('/a/x'), create('/a/y')])).to.deep.equal([[], ['4 /a'], []]);
    expect(heard([getChildren('/a')], [setData('/a/x', ''), remove('/a/x')], [create('/a'), create('/a/x')])).to.deep.equal([[], ['4 /a']]);
  });
  it('of data and one of children tell of a deletion in one event', () => {
    expect(heard([getData('/a'), getChildren('/a')], [remove('/a')])).to.deep.equal([['2 /a']]);
  });
  it('set twice tells once', () => {
    expect(heard([getData('/a'), exists('/a')], [setData('/a', '')])).to.deep.equal([['3 /a']]);
  });
  it('tells of every step of a multi', () => {
    const multi: Request = { kind: 'multi', steps: [setData('/a', 'x'), create('/a/b'), remove('/a/b')] };
    expect(heard([getData('/a'), getChildren('/a'), exists('/a/b')], [multi])).to.deep.equal([['3 /a', '1 /a/b', '4 /a']]);
  });
  it('is not touched by a multi that fails', () => {
    const multi: Request = { kind: 'multi', steps: [setData('/a', 'x'), remove('/none')] };
    expect(heard([getData('/a')], [multi, setData('/a', 'x')])).to.deep.equal([[], ['3 /a']]);
  });
});

describe('a persistent watch', () => {
  it('stays, and tells of data and children', () => {
    expect(heard([addWatch('/a', persistent)], [setData('/a', ''), setData('/a', ''), create('/a/x'), remove('/a/x'), remove('/a'), create('/a')])).to.deep.equal([
      ['3 /a'], ['3 /a'], ['4 /a'], ['4 /a'], ['2 /a'], ['1 /a'],
    ]);
  });
  it('that is recursive tells of the whole subtree, but not that children changed', () => {
    expect(heard([addWatch('/a', recursive)], [create('/a/x'), create('/a/x/y'), setData('/a/x/y', ''), remove('/a/x/y'), create('/ab')])).to.deep.equal([
      ['1 /a/x'], ['1 /a/x/y'], ['3 /a/x/y'], ['2 /a/x/y'], [],
    ]);
  });
  it('that is recursive on the root tells of everything', () => {
    expect(heard([addWatch('/', recursive)], [create('/b'), setData('/a', '')])).to.deep.equal([['1 /b'], ['3 /a']]);
  });
  it('is replaced by a later mode of the same connection', () => {
    expect(heard([addWatch('/a', persistent), addWatch('/a', recursive)], [create('/a/x')])).to.deep.equal([['1 /a/x']]);
    expect(heard([addWatch('/a', recursive), addWatch('/a', persistent)], [create('/a/x')])).to.deep.equal([['4 /a']]);
  });
  it('and a one-shot one below it tell once together', () => {
    expect(heard([addWatch('/', recursive), getData('/a')], [setData('/a', ''), setData('/a', '')])).to.deep.equal([['3 /a'], ['3 /a']]);
  });
});

describe('watches', () => {
  it('are removed by kind', () => {
    const test = new TestCore();
    const client = test.client();
    test.apply(client, exists('/a'));
    const removeWatches = (watcherType: number): Request => ({ kind: 'remove-watches', path: '/a', watcherType });
    expect([1, 2, 2, 3, 4].map((type) => test.code(client, removeWatches(type)))).to.deep.equal([-121, 0, -121, -121, -5]);
    test.apply(client, addWatch('/a', recursive));
    const checkWatches = (path: string): Request => ({ kind: 'check-watches', path, watcherType: 3 });
    expect([checkWatches('/a'), checkWatches('/a/b'), checkWatches('/b')].map((request) => test.code(client, request))).to.deep.equal([0, 0, -121]);
  });

  it('end with their connection', () => {
    const test = new TestCore();
    const client = test.client();
    test.apply(client, exists('/a'));
    test.apply(client, addWatch('/b', recursive));
    test.core.disconnect(client);
    expect([test.core.dataWatches.size, test.core.childWatches.size, test.core.dataWatches.byWatcher.size]).to.deep.equal([0, 0, 0]);
  });

  it('that are set again after a reconnect fire for what happened meanwhile, before the reply', () => {
    const test = new TestCore();
    const [writer, watcher] = [test.client(), test.client()];
    for (const path of ['/same', '/changed', '/gone', '/parent']) test.apply(writer, create(path));
    const sinceZxid = test.core.tree.lastZxid;
    for (const request of [setData('/changed', 'x'), remove('/gone'), create('/parent/x'), create('/came')]) test.apply(writer, request);
    const outcome = test.apply(watcher, {
      kind: 'set-watches', sinceZxid, data: ['/same', '/changed', '/gone'], exists: ['/came', '/absent'], children: ['/parent', '/same', '/gone'], persistent: ['/same'], recursive: [],
    });
    expect(test.events([watcher], outcome)).to.deep.equal(['0: 3 /changed', '0: 2 /gone', '0: 1 /came', '0: 4 /parent', '0: 2 /gone']);
    expect([...test.core.dataWatches.byWatcher.get(watcher as Client)!].sort()).to.deep.equal(['/absent', '/same']);
  });

  it('of many leave nothing behind when they fired', () => {
    const table = new WatchTable<string>();
    for (let index = 0; index < 100; index++) table.add(`/n${index}`, `w${index % 7}`, 'once');
    for (let index = 0; index < 100; index++) expect(table.trigger(`/n${index}`, 3)).to.deep.equal(new Set([`w${index % 7}`]));
    expect([table.size, table.byPath.size, table.byWatcher.size]).to.deep.equal([0, 0, 0]);
  });
});
