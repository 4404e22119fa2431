import { apis } from '../../../src/protocol/apis.ts';
import type { World } from '../world/world.ts';

/** A request or an answer that arrived. */
export interface Message {
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

const messagesMax = 200_000;
const names = new Map(apis.map(({ key, name }) => [key, name]));

/** Writes down what goes over the wires of a run; the oldest is forgotten. */
export function recordMessages(world: World): () => readonly Message[] {
  let messages: Message[] = [];
  const asked = new Map<string, string>();
  world.network.onBytes(({ connection, from, to, isRequest, bytes }) => {
    if (bytes.length < 8) return;
    const correlation = bytes.readInt32BE(isRequest ? 8 : 4);
    const key = `${connection}/${correlation}`;
    let text = `answer to ${asked.get(key) ?? 'an earlier request'}`;
    if (isRequest && bytes.length >= 12) {
      text = `${names.get(bytes.readInt16BE(4)) ?? `API ${bytes.readInt16BE(4)}`} v${bytes.readInt16BE(6)}`;
      asked.set(key, text);
    } else asked.delete(key);
    messages.push({ atMs: world.timeline.nowMs, from, to, text });
    if (messages.length > 2 * messagesMax) messages = messages.slice(-messagesMax);
  });
  return () => messages;
}
