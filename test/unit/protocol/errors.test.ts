import { expect } from 'chai';
import { errorByCode, errorCode, errorTable, isRetriable, KafkaError } from '../../../src/protocol/errors.ts';
import type { ErrorName } from '../../../src/protocol/errors.ts';

describe('the error table', () => {
  it('has each code once, from -1 to 127', () => {
    const names = Object.keys(errorTable) as ErrorName[];
    expect(names.map(errorCode).toSorted((a, b) => a - b)).to.deep.equal(Array.from({ length: 129 }, (_, index) => index - 1));
    for (const name of names) expect(errorByCode(errorCode(name))).to.equal(name);
    expect(errorByCode(9999)).to.equal('UNKNOWN_SERVER_ERROR');
  });

  it('gives an error its code, its name and whether to try again', () => {
    const error = new KafkaError('NOT_LEADER_OR_FOLLOWER', 'broker 1 does not lead t-0', { cause: 'moved' });
    expect([error.name, error.code, error.message, error.cause]).to.deep.equal(['NOT_LEADER_OR_FOLLOWER', 6, 'broker 1 does not lead t-0', 'moved']);
    expect([isRetriable(error.name), isRetriable('INVALID_REQUIRED_ACKS')]).to.deep.equal([true, false]);
  });
});
