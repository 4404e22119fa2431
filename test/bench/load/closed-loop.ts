import { connectFrames } from './frame-connection.ts';
import type { FrameConnection } from './frame-connection.ts';

/** One connection that sends the next request as soon as an answer is there. */
export interface ClosedLoop {
  /** Milliseconds from sending to answer, in order; grows. */
  readonly latenciesMs: readonly number[];
  close(): void;
}

export interface ClosedLoopOptions {
  readonly port: number;
  /** Requests open at once. */
  readonly inFlight: number;
  /** Sent in turn. */
  readonly frames: readonly Buffer[];
  /** Called with the first answer (without its size). */
  readonly check: (answer: Buffer) => void;
  readonly onError: (error: Error) => void;
}

export async function startClosedLoop({ port, inFlight, frames, check, onError }: ClosedLoopOptions): Promise<ClosedLoop> {
  const latenciesMs: number[] = [];
  /** When the open ones left: a ring, for answers come in order. */
  const sentMs = new Float64Array(inFlight);
  let sent = 0;
  const send = (connection: FrameConnection): void => {
    sentMs[sent % inFlight] = performance.now();
    connection.send(frames[sent++ % frames.length]!);
  };
  const connection = await connectFrames(port, {
    answer(body) {
      try {
        if (latenciesMs.length === 0) check(body);
      } catch (error) {
        connection.close();
        onError(error as Error);
        return;
      }
      latenciesMs.push(performance.now() - sentMs[latenciesMs.length % inFlight]!);
      send(connection);
    },
    failed: onError,
  });
  for (let count = 0; count < inFlight; count++) send(connection);
  return { latenciesMs, close: () => connection.close() };
}
