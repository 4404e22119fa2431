/** Topics that Kafka keeps for itself. */
export const internalTopics: readonly string[] = ['__consumer_offsets', '__transaction_state', '__share_group_state'];

export const isInternalTopic = (name: string): boolean => internalTopics.includes(name);

/**
 * A regular expression for whole topic names, in which a comma means "or" and quotes are passed over (IncludeList).
 * @throws SyntaxError when it is no regular expression
 */
export function topicPattern(text: string): RegExp {
  const expression = text.trim().replaceAll(',', '|').replaceAll(' ', '').replace(/^["']+/, '').replace(/["']+$/, '');
  return new RegExp(`^(?:${expression})$`, 'u');
}
