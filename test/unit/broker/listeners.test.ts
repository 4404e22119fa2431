import { expect } from 'chai';
import { reachableBy, readListeners } from '../../../src/broker/listeners.ts';
import { readBrokerConfiguration } from '../../../src/runtime/config/broker-config.ts';
import { InvalidProperty } from '../../../src/runtime/config/definition.ts';

const listenersOf = (properties: Readonly<Record<string, string>>) => readListeners(readBrokerConfiguration({ 'zookeeper.connect': 'localhost', ...properties }).values);
const refused = (properties: Readonly<Record<string, string>>): string => {
  try {
    listenersOf(properties);
  } catch (error) {
    if (error instanceof InvalidProperty) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('listeners of a broker', () => {
  it('bind all addresses of port 9092 when nothing is said', () => {
    const { bound, advertised, interBroker } = listenersOf({});
    expect(bound).to.deep.equal([{ name: 'PLAINTEXT', host: undefined, port: 9092, securityProtocol: 'PLAINTEXT' }]);
    expect({ advertised, interBroker }).to.deep.equal({ advertised: bound, interBroker: 'PLAINTEXT' });
  });

  it('have names of their own, and other addresses for clients', () => {
    const { bound, advertised, interBroker } = listenersOf({
      listeners: 'inside://127.0.0.1:9092,OUTSIDE://[::1]:9093',
      'advertised.listeners': 'OUTSIDE://kafka.example.org:443,INSIDE://broker1:9092',
      'listener.security.protocol.map': 'INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT',
      'inter.broker.listener.name': 'INSIDE',
    });
    expect(bound.map(({ name, host, port }) => [name, host, port])).to.deep.equal([['INSIDE', '127.0.0.1', 9092], ['OUTSIDE', '::1', 9093]]);
    expect(advertised.map(({ name, host, port }) => [name, host, port])).to.deep.equal([['OUTSIDE', 'kafka.example.org', 443], ['INSIDE', 'broker1', 9092]]);
    expect(interBroker).to.equal('INSIDE');
  });

  it('are refused with a reason', () => {
    expect(refused({ listeners: 'PLAINTEXT' })).to.contain('NAME://HOST:PORT');
    expect(refused({ listeners: 'OTHER://:9092' })).to.contain('No security protocol defined for listener OTHER');
    expect(refused({ listeners: 'SSL://:9092' })).to.contain('speaks PLAINTEXT so far');
    expect(refused({ listeners: 'PLAINTEXT://:9092,PLAINTEXT://:9093' })).to.contain('different name');
    expect(refused({ listeners: 'PLAINTEXT://:9092,A://:9092', 'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,A:PLAINTEXT' })).to.contain('different port');
    expect(refused({ 'advertised.listeners': 'PLAINTEXT://0.0.0.0:9092' })).to.contain('nonroutable meta-address');
    expect(refused({ 'advertised.listeners': 'A://a:9092', 'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,A:PLAINTEXT' })).to.contain('A is not among them');
    expect(refused({ 'inter.broker.listener.name': 'A', 'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,A:PLAINTEXT' })).to.contain('must be a listener name defined in advertised.listeners');
  });

  it('tell who can reach them', () => {
    expect(reachableBy('127.0.0.1')).to.equal('this machine only');
    expect(reachableBy('kafka.example.org')).to.contain('kafka.example.org');
  });
});
