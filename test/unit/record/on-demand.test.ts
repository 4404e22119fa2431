import { expect } from 'chai';
import { compress, decompress } from '../../../src/record/compression.ts';
import type { CodecChoice } from '../../../src/record/initialise-codecs.ts';
import { dropNativeCodecs, initialiseCodecs, loadCodecsOnDemand } from '../../../src/record/initialise-codecs.ts';

describe('codecs that are loaded on demand', () => {
  beforeEach(() => dropNativeCodecs());
  after(async () => {
    await initialiseCodecs();
  });

  const text = Buffer.from('a text that repeats, a text that repeats, a text that repeats');

  for (const codec of ['snappy', 'lz4'] as const) {
    it(`${codec} works at once, and its package is loaded once behind it`, async () => {
      const loaded: CodecChoice[] = [];
      const isLoaded = new Promise<void>((resolve) => loadCodecsOnDemand((choice) => (loaded.push(choice), resolve())));
      expect(decompress(codec, compress(codec, text), 2, 1000).equals(text)).to.equal(true);
      await isLoaded;
      expect(loaded.map(({ algorithm }) => algorithm)).to.deep.equal([codec]);
      expect(decompress(codec, compress(codec, text), 2, 1000).equals(text)).to.equal(true);
    });
  }

  it('zstd asks to try again until its package is there', async () => {
    const isLoaded = new Promise<void>((resolve) => loadCodecsOnDemand(() => resolve()));
    expect(() => compress('zstd', text)).to.throw('try again').with.property('kafkaError', 'REQUEST_TIMED_OUT');
    await isLoaded;
    expect(decompress('zstd', compress('zstd', text), 2, 1000).equals(text)).to.equal(true);
  });
});
