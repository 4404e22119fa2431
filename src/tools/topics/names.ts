import { isInternalTopic, topicPattern } from '../topic-filter.ts';
import { TopicCommandError } from './request.ts';

/** Names that --topic and --exclude-internal leave, sorted as Java sorts strings. */
export function chosenTopics(all: readonly string[], expression: string | undefined, isInternalExcluded: boolean): string[] {
  const pattern = expression === undefined ? undefined : compile(expression);
  return all.filter((name) => (pattern === undefined || pattern.test(name)) && !(isInternalExcluded && isInternalTopic(name))).sort();
}

function compile(expression: string): RegExp {
  try {
    return topicPattern(expression);
  } catch (error) {
    throw new TopicCommandError(`${expression} is an invalid regex.`, { cause: error });
  }
}

export const collisionWarning =
  "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. To avoid issues it is best to use either, but not both.\n";

export const hasCollisionCharacters = (name: string): boolean => name.includes('.') || name.includes('_');

const nameLengthMax = 249;

/** Kafka's rule for topic names. @throws TopicCommandError */
export function checkTopicName(name: string): void {
  const invalid = (why: string): TopicCommandError => new TopicCommandError(`Topic name is invalid: ${why}`);
  if (name === '') throw invalid('the empty string is not allowed');
  if (name === '.' || name === '..') throw invalid(`'${name}' is not allowed`);
  if (name.length > nameLengthMax) throw invalid(`the length of '${name}' is longer than the max allowed length ${nameLengthMax}`);
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) throw invalid(`'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`);
}

/** Topics whose metrics would have the same name. */
export function collidingTopics(name: string, all: readonly string[]): string[] {
  const unified = (topic: string): string => topic.replaceAll('.', '_');
  return all.filter((topic) => unified(topic) === unified(name));
}
