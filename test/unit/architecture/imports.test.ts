import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';

/** What each room may import besides itself; src/README.md draws it. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  record: [],
  runtime: [],
  zookeeper: ['runtime'],
  'zookeeper-server': ['runtime'],
  log: ['record', 'runtime'],
  network: ['protocol', 'runtime'],
  security: ['protocol', 'zookeeper', 'runtime'],
  controller: ['protocol', 'zookeeper', 'network', 'runtime'],
  replica: ['log', 'protocol', 'record', 'zookeeper', 'network', 'runtime'],
  coordinator: ['replica', 'log', 'protocol', 'record', 'zookeeper', 'runtime'],
  broker: ['controller', 'replica', 'coordinator', 'security', 'log', 'network', 'zookeeper', 'protocol', 'record', 'runtime'],
  client: ['protocol', 'record', 'network', 'runtime'],
  testing: ['broker', 'client', 'zookeeper', 'zookeeper-server', 'runtime'],
  tools: ['broker', 'coordinator', 'client', 'zookeeper', 'zookeeper-server', 'log', 'protocol', 'record', 'network', 'runtime'],
};

/** Modules that bring time, chance, files or sockets, and the places where they may come in. */
const effects = /^(node:)?(fs|fs\/promises|net|tls|dgram|child_process|worker_threads|timers|timers\/promises)$/;
const effectRooms = ['runtime', 'tools'];
const globalEffects = /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|setImmediate|performance\.now|process\.hrtime)\b/;

interface SourceFile {
  readonly file: string;
  readonly room: string;
  readonly text: string;
}

const root = path.join(import.meta.dirname, '../../../src');
const sources: readonly SourceFile[] = fs
  .readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, room: file.split(path.sep)[0]!, text: fs.readFileSync(path.join(root, file), 'utf8') }));

function importsOf(source: SourceFile): string[] {
  return [...source.text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map((found) => found[1]!);
}

describe('rooms of the house', () => {
  it('import down the list or stay inside', () => {
    const wrong = sources.flatMap((source) =>
      importsOf(source)
        .filter((target) => target.startsWith('.'))
        .map((target) => path.relative(root, path.resolve(root, path.dirname(source.file), target)).split(path.sep)[0]!)
        .filter((room) => room !== source.room && !(mayImport[source.room] ?? []).includes(room))
        .map((room) => `${source.file} imports ${room}`),
    );
    expect(wrong).to.deep.equal([]);
  });

  it('meet files, sockets and processes in runtime and tools alone', () => {
    const wrong = sources
      .filter(({ room }) => !effectRooms.includes(room))
      .flatMap((source) => importsOf(source).filter((target) => effects.test(target)).map((target) => `${source.file} imports ${target}`));
    expect(wrong).to.deep.equal([]);
  });

  it('ask the clock and chance through the seams', () => {
    const wrong = sources
      .filter(({ room }) => !effectRooms.includes(room))
      .flatMap(({ file, text }) =>
        text
          .split('\n')
          .filter((line) => globalEffects.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      );
    expect(wrong).to.deep.equal([]);
  });

  it('keep their files short enough to read', () => {
    const long = sources
      .filter(({ file }) => !file.includes(`messages${path.sep}`) && !/-(properties|table)\.ts$/.test(file))
      .map(({ file, text }) => ({ file, lines: text.split('\n').length }))
      .filter(({ lines }) => lines > 600)
      .map(({ file, lines }) => `${file} has ${lines} lines`);
    expect(long).to.deep.equal([]);
  });
});
