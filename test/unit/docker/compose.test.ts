import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseBrokerConfig } from '../../../src/runtime/config/broker-config.ts';
import { brokerProperties } from '../../../src/runtime/config/broker-properties.ts';

const docker = path.join(import.meta.dirname, '../../../docker');
const compose = fs.readFileSync(path.join(docker, 'compose.yaml'), 'utf8');

/** The variables of the compose file as a broker's environment; `broker` picks one's own. */
function variables(broker: number): Record<string, string> {
  const shared = compose.slice(compose.indexOf('x-broker-properties'), compose.indexOf('services:'));
  const own = new RegExp(`^  broker${broker}:\\n([\\s\\S]*?)(?=^  broker|^volumes:)`, 'm').exec(compose)![1]!;
  return Object.fromEntries([...(shared + own).matchAll(/^\s+(KAFKA_[A-Z_]+): "?([^"\n]+)"?$/gm)].map((found) => [found[1]!, found[2]!]));
}

/** What the entry point gives the broker: the script itself runs, with a stand-in for node that prints its arguments. */
function overrides(environment: Record<string, string>): Record<string, string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-entrypoint-'));
  try {
    fs.writeFileSync(path.join(folder, 'node'), '#!/bin/sh\nfor argument in "$@"; do printf "%s\\n" "$argument"; done\n', { mode: 0o755 });
    const out = execFileSync('/bin/sh', [path.join(docker, 'entrypoint.sh')], { env: { PATH: `${folder}:/usr/bin:/bin`, ...environment } }).toString();
    const words = out.trim().split('\n');
    return Object.fromEntries(words.flatMap((word, index) => (words[index - 1] === '--override' ? [[word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]] : [])));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

describe('container image', () => {
  for (const broker of [1, 2, 3]) {
    it(`starts broker ${broker} of the compose file with properties that exist and are accepted`, () => {
      const properties = overrides(variables(broker));
      expect(Object.keys(properties).filter((name) => !Object.hasOwn(brokerProperties, name))).to.deep.equal([]);
      const config = parseBrokerConfig(properties);
      expect(config['broker.id']).to.equal(broker);
      expect(config['advertised.listeners']).to.equal(`INTERNAL://broker${broker}:9092,EXTERNAL://localhost:${broker}9092`);
      expect(compose).to.include(`127.0.0.1:${broker}9092:${broker}9092`);
    });
  }

  it('keeps underscores of a name that are written twice', () => {
    expect(overrides({ KAFKA_A__B_C: 'x y' })).to.deep.equal({ 'log.dirs': '/var/lib/ottla', 'a_b.c': 'x y' });
  });

  it('names every ZooKeeper server in the ensemble and in zookeeper.connect', () => {
    for (const server of [1, 2, 3]) {
      expect(compose).to.match(new RegExp(`^  zookeeper${server}:$`, 'm'));
      expect(compose).to.include(`server.${server}=zookeeper${server}:2888:3888;2181`);
      expect(variables(1)['KAFKA_ZOOKEEPER_CONNECT']).to.include(`zookeeper${server}:2181`);
    }
  });
});
