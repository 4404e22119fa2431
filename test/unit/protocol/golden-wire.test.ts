import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { apiByKey, apis } from '../../../src/protocol/apis.ts';
import { decodeRequestHeader, decodeResponseHeader, encodeRequest, encodeResponse } from '../../../src/protocol/frame.ts';
import { bytesOf } from '../../support/bytes-of.ts';

/** Values by the names of Kafka's schemas; bytes as hex; tagged fields that the frame lacks are missing. */
type Values = Readonly<Record<string, unknown>>;

/** Frames exchanged with real brokers 3.9.1 and 2.4.1, without their sizes. */
interface Exchange {
  readonly name: string;
  /** -1 for a raw SASL token, which has no header. */
  readonly key: number;
  readonly version: number;
  readonly request: string;
  readonly response: string | null;
  /** A version that the broker does not know is answered in version 0; `decoded.request` is null then. */
  readonly responseVersion?: number;
  /** False where the header has a tagged field that nobody knows: it is passed over, as Kafka does. */
  readonly requestReencodes?: false;
  readonly decoded: { readonly requestHeader: Values; readonly request: Values | null; readonly response: Values | null };
}

const exchanges: readonly Exchange[] = zlib
  .gunzipSync(fs.readFileSync(path.join(import.meta.dirname, 'golden/wire.jsonl.gz')))
  .toString()
  .split('\n')
  .map((line) => JSON.parse(line) as Exchange);

/** What was decoded, told as the recording tells it: only the fields it names, bytes as hex. */
function asRecorded(value: unknown, recorded: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (Array.isArray(value)) return Array.isArray(recorded) ? value.map((element, index) => asRecorded(element, recorded[index])) : value;
  if (typeof value !== 'object' || value === null || typeof recorded !== 'object' || recorded === null) return value;
  const fields = value as Values;
  return Object.fromEntries(Object.entries(recorded).map(([name, one]) => [name, asRecorded(fields[`${name[0]!.toLowerCase()}${name.slice(1)}`], one)]));
}

function checkRequest({ name, key, version, request: hex, requestReencodes, decoded }: Exchange): void {
  const { request } = apiByKey(key)!;
  const bytes = Buffer.from(hex, 'hex');
  const header = decodeRequestHeader(bytes, 0, bytes.length);
  const { apiKey, apiVersion, correlationId, clientId } = header;
  expect({ RequestApiKey: apiKey, RequestApiVersion: apiVersion, CorrelationId: correlationId, ClientId: clientId }, name).to.include(known(decoded.requestHeader));
  if (decoded.request === null) return;
  const value = request.decode(bytes, header.bodyStart, bytes.length, version);
  expect(request.decodedEnd(), name).to.equal(bytes.length);
  expect(asRecorded(value, decoded.request), name).to.deep.equal(decoded.request);
  const again = Buffer.concat(encodeRequest(request, version, correlationId, clientId, value));
  if (requestReencodes !== false) expect(again.subarray(4).toString('hex'), name).to.equal(hex);
}

/** Without tags that no schema names. */
function known(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith('_tag')));
}

function checkResponse({ name, key, version, responseVersion = version, response: hex, decoded }: Exchange): void {
  if (hex === null) return;
  const { response } = apiByKey(key)!;
  const bytes = Buffer.from(hex, 'hex');
  const { correlationId, bodyStart } = decodeResponseHeader(key, responseVersion, bytes, 0, bytes.length);
  const value = response.decode(bytes, bodyStart, bytes.length, responseVersion);
  expect(response.decodedEnd(), name).to.equal(bytes.length);
  expect(asRecorded(value, decoded.response), name).to.deep.equal(decoded.response);
  const again = bytesOf(encodeResponse(response, responseVersion, correlationId, value));
  expect(again.readInt32BE(0), name).to.equal(bytes.length);
  expect(again.subarray(4).toString('hex'), name).to.equal(hex);
}

/** Every place to cut a short frame, some 40 of a long one. */
function cutsOf(length: number): number[] {
  const step = Math.max(1, Math.floor(length / 40));
  return Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step);
}

describe('frames of real software', () => {

  it('are all there, of every API', () => {
    expect(exchanges.length).to.equal(674);
    expect(new Set(exchanges.filter(({ key }) => key >= 0).map(({ key }) => key)).size).to.equal(apis.length);
  });

  for (const api of apis) {
    const ofApi = exchanges.filter(({ key }) => key === api.key);
    it(`${api.name}: ${ofApi.length} exchanges decode to the recorded values and encode to the same bytes`, () => {
      for (const exchange of ofApi) {
        checkRequest(exchange);
        checkResponse(exchange);
      }
    });
  }

  it('cut short are refused as malformed: no message is a part of another', () => {
    for (const { name, key, version, request } of exchanges) {
      const schema = apiByKey(key)?.request;
      if (schema === undefined || version > schema.maxVersion) continue;
      const frame = Buffer.from(request, 'hex');
      for (const end of cutsOf(frame.length)) {
        const cut = Buffer.from(frame.subarray(0, end));
        expect(() => schema.decode(cut, decodeRequestHeader(cut, 0, end).bodyStart, end, version), `${name} cut at ${end}`).to.throw().with.property('name', 'MalformedMessage');
      }
    }
  });
});
