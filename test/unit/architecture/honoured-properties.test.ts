import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { readBrokerConfiguration } from '../../../src/runtime/config/broker-config.ts';
import { brokerProperties } from '../../../src/runtime/config/broker-properties.ts';
import { isHonoured, withoutEffect } from '../../../src/runtime/config/honoured.ts';
import { topicProperties } from '../../../src/runtime/config/topic-properties.ts';

const root = path.join(import.meta.dirname, '../../../src');
const clients = /^(client|testing|tools(?!.kafka-server-start))/;
/** Tables, and what checks values that others use. */
const tables = /config.(broker-properties|topic-properties|honoured|dynamic-config|requirements)\.ts$/;
const code = fs
  .readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !clients.test(file) && !tables.test(file))
  .map((file) => fs.readFileSync(path.join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ''))
  .join('\n');

/** Whether the code reads the property, or the topic property that it gives a default to. */
function isRead(name: string): boolean {
  const gives = Object.entries(topicProperties).filter(([, { options }]) => options.synonym === name).map(([topicName]) => topicName);
  return name === 'listeners' || [name, ...gives].some((one) => code.includes(`'${one}'`));
}

describe('properties named as honoured', () => {
  it('are those that the code reads', () => {
    const wrong = Object.keys(brokerProperties).filter((name) => isHonoured(name) !== isRead(name));
    expect(wrong).to.deep.equal([]);
  });

  it('leave the rest to one warning, unless they only repeat a default', () => {
    const { given } = readBrokerConfiguration({ 'zookeeper.connect': 'x', 'num.io.threads': '9', 'num.network.threads': '3', 'log.dirs': '/a' });
    expect(withoutEffect(given)).to.deep.equal(['num.io.threads']);
  });
});
