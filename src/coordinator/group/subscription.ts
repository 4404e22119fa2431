import { consumerProtocolSubscription } from '../../protocol/messages/consumer-protocol.ts';
import { MalformedMessage } from '../../protocol/malformed-message.ts';

const versionBytes = 2;
/** All versions begin with the fields of this one. */
const commonVersion = 0;

/** All topics that consumers are subscribed to; undefined when one of the subscriptions is none. */
export function subscribedTopics(subscriptions: readonly Buffer[]): ReadonlySet<string> | undefined {
  const topics = new Set<string>();
  try {
    for (const bytes of subscriptions) {
      for (const topic of consumerProtocolSubscription.decode(bytes, versionBytes, bytes.length, commonVersion).topics) topics.add(topic);
    }
  } catch (error) {
    if (error instanceof MalformedMessage) return undefined; // somebody's own protocol under the consumers' name
    throw error;
  }
  return topics;
}
