import type { Random } from '../runtime/random.ts';

/** A random topic id (UUID version 4) in Kafka's text form; as in Kafka, none begins with a dash, which tools would take for an option. */
export function newTopicId(random: Random): string {
  for (;;) {
    const bytes = random.bytes(16);
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const text = bytes.toString('base64url');
    if (!text.startsWith('-')) return text;
  }
}
