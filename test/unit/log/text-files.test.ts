import { expect } from 'chai';
import { MalformedFile, formatCheckpointLines, parseCheckpointLines } from '../../../src/log/text-files.ts';

describe('lines of a checkpoint', () => {
  it('are read as they were written', () => {
    expect(parseCheckpointLines('file', formatCheckpointLines(['0 0', '3 125']))).to.deep.equal(['0 0', '3 125']);
  });

  it('are refused wherever the file was cut, also in the middle of the last number', () => {
    const text = formatCheckpointLines(['0 0', '3 125']);
    for (let length = 0; length < text.length; length++) expect(() => parseCheckpointLines('file', text.slice(0, length)), `${length} bytes`).to.throw(MalformedFile);
  });
});
