import { expect } from 'chai';
import fc from 'fast-check';
import type { AnyHandler, Handler } from '../../../src/broker/handler.ts';
import { apiVersionsHandler } from '../../../src/broker/handlers/api-versions.ts';
import { createRequestDispatcher } from '../../../src/broker/request-dispatcher.ts';
import { errorCode, KafkaError } from '../../../src/protocol/errors.ts';
import { decodeRequestHeader, decodeResponseHeader, encodeRequest } from '../../../src/protocol/frame.ts';
import { apiVersionsRequest, apiVersionsResponse } from '../../../src/protocol/messages/api-versions.ts';
import { describeClusterRequest, describeClusterResponse } from '../../../src/protocol/messages/describe-cluster.ts';
import type { DescribeClusterRequest, DescribeClusterResponse, DescribeClusterResponseInput } from '../../../src/protocol/messages/describe-cluster.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import type { Logger } from '../../../src/runtime/logger.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { createObservation } from '../../../src/runtime/observation.ts';
import { TestConnection } from './support.ts';
import { bytesOf } from '../../support/bytes-of.ts';

type Handle = Handler<DescribeClusterRequest, DescribeClusterResponseInput>['handle'];

function describeCluster(handle: Handle): AnyHandler {
  return { request: describeClusterRequest, response: describeClusterResponse, handle, failed: (_request: never, code: number, message: string) => ({ errorCode: code, errorMessage: message }) };
}

/** Hands over one frame, without its size; resolves with the answer, or with why the connection was closed. */
function dispatch(frame: Buffer, handlers: readonly AnyHandler[], logger: Logger = silentLogger): Promise<Buffer | string> {
  const connection = new TestConnection();
  return new Promise((resolve) => {
    const sink = createRequestDispatcher({ logger, observation: createObservation(nodeClock), handlers, endOfTurn: () => undefined });
    const header = decodeRequestHeader(frame, 0, frame.length);
    sink.handle({ header, buffer: frame, bodyStart: header.bodyStart, bodyEnd: frame.length, connection }, (answer) => resolve(bytesOf(answer ?? []).subarray(4)));
    if (connection.destroyed !== undefined) resolve(connection.destroyed);
  });
}

const request = (): Buffer => Buffer.concat(encodeRequest(describeClusterRequest, 1, 5, 'test', {})).subarray(4);

function answered(bytes: Buffer | string): DescribeClusterResponse {
  if (typeof bytes === 'string') throw new Error(bytes);
  const { correlationId, bodyStart } = decodeResponseHeader(describeClusterRequest.apiKey, 1, bytes, 0, bytes.length);
  expect(correlationId).to.equal(5);
  return describeClusterResponse.decode(bytes, bodyStart, bytes.length, 1);
}

describe('request dispatcher', () => {
  it('answers what a handler answers, at once or later', async () => {
    expect(answered(await dispatch(request(), [describeCluster((_request, _context, answer) => answer({ clusterId: 'now' }))])).clusterId).to.equal('now');
    const later: Handle = async (_request, _context, answer) => {
      await Promise.resolve();
      answer({ clusterId: 'later' });
    };
    expect(answered(await dispatch(request(), [describeCluster(later)])).clusterId).to.equal('later');
  });

  it('turns a KafkaError into the error of the API, thrown or rejected', async () => {
    const error = new KafkaError('NOT_CONTROLLER', 'ask another');
    const thrown = answered(await dispatch(request(), [describeCluster(() => { throw error; })]));
    const rejected = answered(await dispatch(request(), [describeCluster(() => Promise.reject(error))]));
    for (const answer of [thrown, rejected]) expect(answer).to.include({ errorCode: errorCode('NOT_CONTROLLER'), errorMessage: 'ask another' });
  });

  it('logs a bug once, whole, and tells the client nothing of it', async () => {
    const lines: unknown[] = [];
    const logger: Logger = { ...silentLogger, error: (event, fields) => lines.push([event, (fields?.['error'] as Error | undefined)?.message]) };
    const answer = answered(await dispatch(request(), [describeCluster(() => { throw new TypeError('secret'); })], logger));
    expect(answer.errorCode).to.equal(errorCode('UNKNOWN_SERVER_ERROR'));
    expect(answer.errorMessage).not.to.contain('secret');
    expect(lines).to.deep.equal([['request failed by a bug', 'secret']]);
  });

  it('closes the connection of what it does not know or cannot read', async () => {
    const handlers = [describeCluster((_request, _context, answer) => answer({}))];
    expect(await dispatch(request(), [])).to.contain('API key 60 is not offered');
    const newer = request();
    newer.writeInt16BE(99, 2);
    expect(await dispatch(newer, handlers)).to.contain('no version 99');
    expect(await dispatch(request().subarray(0, -2), handlers)).to.contain('cannot be read');
  });

  it('answers or closes, whatever the bytes', async () => {
    const handlers = [describeCluster((_request, _context, answer) => answer({})), apiVersionsHandler(() => [describeClusterRequest])];
    await fc.assert(fc.asyncProperty(fc.constantFrom(60, 18), fc.integer({ min: 0, max: 5 }), fc.uint8Array({ maxLength: 40 }), async (key, version, body) => {
      const frame = Buffer.concat([Buffer.from([0, key, 0, version, 0, 0, 0, 5, 0xff, 0xff, 0]), body]);
      expect(await dispatch(frame, handlers)).to.have.length.greaterThan(0);
    }), { numRuns: 300 });
  });

  it('tells a client that is newer what there is, in version 0 (KIP-511)', async () => {
    const frame = Buffer.concat(encodeRequest(apiVersionsRequest, 4, 5, 'test', { clientSoftwareName: 'new', clientSoftwareVersion: '9' })).subarray(4);
    frame.writeInt16BE(99, 2);
    const bytes = (await dispatch(frame, [apiVersionsHandler(() => [])])) as Buffer;
    const answer = apiVersionsResponse.decode(bytes, 4, bytes.length, 0);
    expect(answer).to.deep.include({ errorCode: errorCode('UNSUPPORTED_VERSION') });
    expect(answer.apiKeys).to.have.length(1);
    expect(answer.apiKeys[0]).to.include({ apiKey: 18, minVersion: 0, maxVersion: 4 });
  });
});
