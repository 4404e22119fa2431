import type { Chunk } from './writer.ts';

/**
 * The notation of the message tables. A field says its type and, where they are not "every version", the versions that
 * have it; the TypeScript types of a message are inferred from its table.
 */
export interface FieldOptions {
  /** First and last version that have the field; default: all of the message's. */
  readonly since?: number;
  readonly until?: number;
  /** First version (and last, as a pair) in which null is allowed. */
  readonly nullable?: number | readonly [number, number];
  /** Tag number of a tagged field, and the first version in which it is one. */
  readonly tag?: number;
  readonly taggedSince?: number;
  /** Value in versions without the field, and of a field left out when encoding. */
  readonly default?: unknown;
  /** May be dropped in versions without the field; else a value other than the default is refused there. */
  readonly ignorable?: boolean;
  /** The two-byte form in flexible versions too (the client id of the request header). */
  readonly neverCompact?: boolean;
}

export type ScalarType = 'bool' | 'int8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'float64' | 'string' | 'uuid' | 'bytes' | 'records';

export type FieldType = { readonly kind: ScalarType } | { readonly kind: 'array'; readonly of: FieldType } | { readonly kind: 'struct'; readonly fields: Fields };

declare const decodedType: unique symbol;
declare const inputType: unique symbol;

/** `T` is what decoding gives, `I` what encoding takes. */
export interface Field<T, I> {
  readonly type: FieldType;
  readonly options: FieldOptions;
  readonly [decodedType]?: T;
  readonly [inputType]?: I;
}

export type Fields = Readonly<Record<string, Field<unknown, unknown>>>;
type DecodedField<F> = F extends Field<infer T, infer _I> ? T : never;
type InputField<F> = F extends Field<infer _T, infer I> ? I : never;
export type DecodedFields<F extends Fields> = { readonly [K in keyof F]: DecodedField<F[K]> };
export type InputFields<F extends Fields> = { readonly [K in keyof F]?: InputField<F[K]> | undefined };

type Nullable<O> = O extends { readonly nullable: number | readonly [number, number] } ? null : never;

const scalar =
  <T, I = T>(kind: ScalarType) =>
  <const O extends FieldOptions = Record<never, never>>(options: O = {} as O): Field<T | Nullable<O>, I | Nullable<O>> => ({ type: { kind }, options });

export const bool = scalar<boolean>('bool');
export const int8 = scalar<number>('int8');
export const int16 = scalar<number>('int16');
export const uint16 = scalar<number>('uint16');
export const int32 = scalar<number>('int32');
export const uint32 = scalar<number>('uint32');
/** A safe integer; a larger one on the wire is malformed. */
export const int64 = scalar<number>('int64');
export const float64 = scalar<number>('float64');
export const string = scalar<string>('string');
/** Kafka's text form: 22 characters of base64url. */
export const uuid = scalar<string>('uuid');
/** A view of the buffer that was decoded. */
export const bytes = scalar<Buffer, Uint8Array>('bytes');
/** Record batches as they lie in the log; encoding takes them in pieces too, by reference. */
export const records = scalar<Buffer, Chunk | readonly Uint8Array[]>('records');

/** An array of scalars or of structs. */
export const array = <T, I, const O extends FieldOptions = Record<never, never>>(
  of: Field<T, I>,
  options: O = {} as O,
): Field<T[] | Nullable<O>, readonly I[] | Nullable<O>> => ({ type: { kind: 'array', of: of.type }, options });

export const struct = <F extends Fields, const O extends FieldOptions = Record<never, never>>(
  fields: F,
  options: O = {} as O,
): Field<DecodedFields<F> | Nullable<O>, InputFields<F> | Nullable<O>> => ({ type: { kind: 'struct', fields }, options });

export { zeroUuid } from './interned.ts';
