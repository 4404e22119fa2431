import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { apiByKey } from '../../../src/protocol/apis.ts';
import { unknownTags } from '../../../src/protocol/unknown-tags.ts';
import { decodeRequestHeader, decodeResponseHeader, encodeRequest, encodeResponse } from '../../../src/protocol/frame.ts';

/** Frames exchanged with real brokers 3.9.1 and 2.4.1, without their sizes. */
interface Exchange {
  readonly name: string;
  readonly key: number;
  readonly version: number;
  readonly request: string;
  readonly response: string | null;
}

const exchanges: readonly Exchange[] = zlib
  .gunzipSync(fs.readFileSync(path.join(import.meta.dirname, 'golden/wire.jsonl.gz')))
  .toString()
  .split('\n')
  .map((line) => JSON.parse(line) as Exchange);

/** A raw SASL token has no header; a version that the broker does not know is answered in version 0. */
const exceptional = (exchange: Exchange): boolean => exchange.key < 0 || exchange.version > apiByKey(exchange.key)!.request.maxVersion;
/** Kafka 2.4 knows no ApiVersions v4 and answers it in version 0. */
const answeredInVersion0 = 'ApiVersions-v04-2.4.1-1';
/** Its header carries a tagged field nobody knows, which is passed over as Kafka does, so it does not come back. */
const unknownTagInHeader = 'ApiVersions-v03-3.9.1-2';

describe('frames of real software', () => {
  it('are all there', () => {
    expect(exchanges.length).to.equal(674);
    expect(new Set(exchanges.map(({ key }) => key)).size).to.be.at.least(60);
  });

  for (const exchange of exchanges.filter((one) => !exceptional(one))) {
    const { name, key, version } = exchange;
    const api = apiByKey(key)!;
    it(`${name} decodes and encodes to the same bytes`, () => {
      const request = Buffer.from(exchange.request, 'hex');
      const header = decodeRequestHeader(request, 0, request.length);
      expect([header.apiKey, header.apiVersion]).to.deep.equal([key, version]);
      const value = api.request.decode(request, header.bodyStart, request.length, version);
      if (name !== unknownTagInHeader) {
        const again = Buffer.concat(encodeRequest(api.request, version, header.correlationId, header.clientId, value)).subarray(4);
        expect(again.toString('hex')).to.equal(exchange.request);
      }
      if (exchange.response === null || exchange.response === '') return;
      const response = Buffer.from(exchange.response, 'hex');
      const { correlationId, bodyStart } = decodeResponseHeader(key, version, response, 0, response.length);
      expect(correlationId).to.equal(header.correlationId);
      const responseVersion = name === answeredInVersion0 ? 0 : version;
      const answer = api.response.decode(response, bodyStart, response.length, responseVersion);
      const again = Buffer.concat(encodeResponse(api.response, responseVersion, correlationId, answer)).subarray(4);
      expect(again.toString('hex')).to.equal(exchange.response);
    });
  }

  it('cut short anywhere are refused as malformed or read as what they then are, never with another error', () => {
    for (const exchange of exchanges.filter((one) => !exceptional(one))) {
      const api = apiByKey(exchange.key)!;
      const request = Buffer.from(exchange.request, 'hex');
      const { bodyStart } = decodeRequestHeader(request, 0, request.length);
      const step = Math.max(1, Math.floor((request.length - bodyStart) / 40));
      for (let end = bodyStart; end < request.length; end += step) {
        const cut = request.subarray(0, end);
        try {
          api.request.decode(cut, bodyStart, end, exchange.version);
        } catch (error) {
          expect((error as Error).name, `${exchange.name} cut at ${end}`).to.equal('MalformedMessage');
        }
      }
    }
  });

  it('keep tagged fields that nobody here knows', () => {
    const api = apiByKey(12)!;
    const plain = Buffer.concat(encodeRequest(api.request, 4, 1, 'c', { groupId: 'g', memberId: 'm' })).subarray(4);
    const tagged = Buffer.concat([plain.subarray(0, -1), Buffer.from([1, 99, 3, 1, 2, 3])]);
    const { bodyStart } = decodeRequestHeader(tagged, 0, tagged.length);
    const value = api.request.decode(tagged, bodyStart, tagged.length, 4) as { [unknownTags]?: unknown };
    expect(value[unknownTags]).to.deep.equal([{ tag: 99, bytes: Buffer.from([1, 2, 3]) }]);
    expect(Buffer.concat(encodeRequest(api.request, 4, 1, 'c', value)).subarray(4).toString('hex')).to.equal(tagged.toString('hex'));
  });
});
