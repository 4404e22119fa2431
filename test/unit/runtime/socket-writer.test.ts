import { expect } from 'chai';
import fc from 'fast-check';
import type net from 'node:net';
import type { FileRange } from '../../../src/runtime/network.ts';
import { createSocketWriter } from '../../../src/runtime/socket-writer.ts';

/** A socket of Node's whose writes leave at once, or wait until they are told to go. */
function scriptedSocket(leavesAtOnce: () => boolean) {
  const sent: Buffer[] = [];
  const waiting: { readonly bytes: Buffer; readonly done: (() => void) | undefined }[] = [];
  const socket = {
    destroyed: false,
    get writableLength(): number {
      return waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
    },
    cork: () => undefined,
    uncork: () => undefined,
    write(bytes: Uint8Array, done?: () => void) {
      if (waiting.length > 0 || (bytes.length > 0 && !leavesAtOnce())) waiting.push({ bytes: Buffer.from(bytes), done });
      else leave(Buffer.from(bytes), done);
    },
    destroy: () => (socket.destroyed = true),
  };
  function leave(bytes: Buffer, done: (() => void) | undefined): void {
    sent.push(bytes);
    done?.();
  }
  return {
    socket: socket as unknown as net.Socket,
    sent,
    /** The system takes the next write. */
    takeOne(): boolean {
      const next = waiting.shift();
      if (next !== undefined) leave(next.bytes, next.done);
      return next !== undefined;
    },
  };
}

const content = Buffer.from(Uint32Array.from({ length: 300_000 }, (_, index) => index * 2654435761).buffer);
const file: FileRange['file'] = {
  descriptor: -1,
  readSync: (target, targetStart, length, position) => content.copy(target, targetStart, position, position + length),
};

describe('the sending side of a socket', () => {
  it('sends all of a range, whether what is copied of it leaves at once or has to wait', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.boolean()), fc.integer({ min: 1, max: content.length }), (chances, byteLength) => {
        const { socket, sent, takeOne } = scriptedSocket(() => chances.next().value as boolean);
        let drained = 0;
        let isSent = false;
        const writer = createSocketWriter(socket, () => -1, () => drained++);
        writer.write([Buffer.from('head'), { file, position: 0, byteLength }, Buffer.from('tail')], () => (isSent = true));
        const hadToWait = writer.unsentBytes() > 0;
        while (takeOne());
        expect(Buffer.concat(sent).equals(Buffer.concat([Buffer.from('head'), content.subarray(0, byteLength), Buffer.from('tail')]))).to.equal(true);
        expect([isSent, writer.unsentBytes(), drained > 0]).to.deep.equal([true, 0, hadToWait]);
      }),
      { numRuns: 200 },
    );
  });
});
