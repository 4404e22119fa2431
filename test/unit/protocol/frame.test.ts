import { expect } from 'chai';
import { apis } from '../../../src/protocol/apis.ts';
import { flexibleSinceOf } from '../../../src/protocol/flexible-since.ts';
import { decodeRequestHeader, decodeResponseHeader, encodeRequest, encodeResponse } from '../../../src/protocol/frame.ts';
import { apiVersionsResponse } from '../../../src/protocol/messages/api-versions.ts';
import { controlledShutdownRequest } from '../../../src/protocol/messages/controlled-shutdown.ts';
import { heartbeatRequest, heartbeatResponse } from '../../../src/protocol/messages/heartbeat.ts';
import { produceRequest } from '../../../src/protocol/messages/produce.ts';
import { bytesOf } from '../../support/bytes-of.ts';

const frame = bytesOf;
const headerOf = (hex: string) => decodeRequestHeader(Buffer.from(hex, 'hex'), 0, hex.length / 2);

describe('a frame', () => {
  it('begins with its size, also where records are a chunk of their own', () => {
    const records = Buffer.alloc(5000, 1);
    const chunks = encodeRequest(produceRequest, 9, 1, null, { topicData: [{ name: 't', partitionData: [{ index: 0, records }] }] });
    expect(chunks.includes(records)).to.equal(true);
    expect(frame(chunks).readInt32BE(0)).to.equal(frame(chunks).length - 4);
  });
});

describe('a request header', () => {
  it('has no client id in ControlledShutdown v0, and tags in flexible versions alone', () => {
    expect(frame(encodeRequest(controlledShutdownRequest, 0, 5, 'c', { brokerId: 1 })).toString('hex')).to.equal('0000000c000700000000000500000001');
    expect(headerOf('000700000000000500000001')).to.deep.equal({ apiKey: 7, apiVersion: 0, correlationId: 5, clientId: null, bodyStart: 8 });
    expect(headerOf('000c0003fffffffe000163')).to.deep.equal({ apiKey: 12, apiVersion: 3, correlationId: -2, clientId: 'c', bodyStart: 11 });
    expect(headerOf('000c0004fffffffe00016300')).to.deep.include({ clientId: 'c', bodyStart: 12 });
    expect(headerOf('000c0004fffffffeffff0163020102')).to.deep.include({ clientId: null, bodyStart: 15 });
  });

  it('of an unknown API, or that ends early, is malformed', () => {
    const whole = '000c0004fffffffe0001630163020102';
    expect(() => headerOf('00370000000000010000')).to.throw('no API with key 55').with.property('name', 'MalformedMessage');
    expect(() => headerOf('ffff0000000000010000')).to.throw('no API with key -1');
    for (let end = 0; end < whole.length; end += 2) expect(() => headerOf(whole.slice(0, end)), String(end)).to.throw().with.property('name', 'MalformedMessage');
    expect(() => headerOf('000c0004fffffffe00016301ffffffffffff')).to.throw('longer than 32 bits');
    expect(() => headerOf('000c0004fffffffe00016301630901')).to.throw('longer than what is left');
  });
});

describe('a response header', () => {
  it('has tags in flexible versions, save in ApiVersions, which a client must read without knowing the version', () => {
    expect(frame(encodeResponse(heartbeatResponse, 3, 7, {})).length - frame(encodeResponse(heartbeatResponse, 4, 7, {})).length).to.equal(-2);
    const answer = frame(encodeResponse(apiVersionsResponse, 3, 7, { errorCode: 35 }));
    expect(answer.subarray(4, 10).toString('hex')).to.equal('000000070023');
    expect(decodeResponseHeader(18, 3, answer, 4, answer.length)).to.deep.equal({ correlationId: 7, bodyStart: 8 });
  });

  it('that ends early is malformed', () => {
    expect(() => decodeResponseHeader(12, 4, Buffer.alloc(4), 0, 4)).to.throw().with.property('name', 'MalformedMessage');
    expect(() => decodeResponseHeader(12, 0, Buffer.alloc(3), 0, 3)).to.throw().with.property('name', 'MalformedMessage');
  });
});

describe('the API table', () => {
  it('has ascending keys, and versions and first flexible versions that agree with the messages', () => {
    expect(apis.map(({ key }) => key)).to.deep.equal(apis.map(({ key }) => key).toSorted((a, b) => a - b));
    for (const { key, name, request, response, versions39 } of apis) {
      expect([request.minVersion, request.maxVersion], name).to.deep.equal(versions39);
      expect([response.minVersion, response.maxVersion], name).to.deep.equal(versions39);
      expect([request.flexibleSince, response.flexibleSince], name).to.deep.equal([flexibleSinceOf(key), flexibleSinceOf(key)]);
      expect([request.apiKey, response.apiKey, request.name, response.name]).to.deep.equal([key, key, `${name}Request`, `${name}Response`]);
    }
  });

  it('lets every field be left out', () => {
    expect(frame(encodeRequest(heartbeatRequest, 0, 1, '', {})).length).to.equal(4 + 10 + 8);
  });
});
