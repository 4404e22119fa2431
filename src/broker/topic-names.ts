/** Topics that brokers keep for themselves (Topic.INTERNAL_TOPICS). */
export const internalTopicNames: ReadonlySet<string> = new Set(['__consumer_offsets', '__transaction_state']);
const topicNameLengthMax = 249;

/** Why a name is no topic's, in Kafka's words (Topic.validate); undefined when it is fine. */
export function invalidTopicName(name: string): string | undefined {
  if (name === '') return 'Topic name is invalid: the empty string is not allowed';
  if (name === '.' || name === '..') return `Topic name is invalid: '${name}' is not allowed`;
  if (name.length > topicNameLengthMax) return `Topic name is invalid: the length of '${name}' is longer than the max allowed length ${topicNameLengthMax}`;
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    return `Topic name is invalid: '${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  }
  return undefined;
}

/** Names that differ only in periods and underscores would share metric names (Topic.hasCollision). */
export function collidingTopic(name: string, others: Iterable<string>): string | undefined {
  const unified = name.replaceAll('.', '_');
  for (const other of others) if (other !== name && other.replaceAll('.', '_') === unified) return other;
  return undefined;
}
