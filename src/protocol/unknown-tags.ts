/** Where tagged fields that a table does not know are kept on a struct, so that they survive decoding and encoding (KIP-482). */
export const unknownTags = Symbol('unknown tagged fields');

export interface UnknownTag {
  readonly tag: number;
  readonly bytes: Buffer;
}
