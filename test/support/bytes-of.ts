import type { FileRange } from '../../src/runtime/network.ts';

/** What is sent, as one: memory, and ranges read from their files. */
export function bytesOf(chunks: readonly (Uint8Array | FileRange)[]): Buffer {
  return Buffer.concat(chunks.map((chunk) => (chunk instanceof Uint8Array ? chunk : contentOf(chunk))));
}

function contentOf({ file, position, byteLength }: FileRange): Buffer {
  const content = Buffer.alloc(byteLength);
  const count = file.readSync(content, 0, byteLength, position);
  if (count < byteLength) throw new Error(`a range of ${byteLength} bytes that is to be sent has only ${count} in its file`);
  return content;
}
