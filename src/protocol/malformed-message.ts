/** Bytes that are not a message of the version they claim to be. Kafka closes the connection without an answer. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}
