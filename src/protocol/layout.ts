import type { Field, FieldOptions, Fields, FieldType } from './fields.ts';
import { zeroUuid } from './interned.ts';

/** What both compilers ask of a table: which fields a version has, how they lie in it, and what stands for one left out. */
export interface Layout {
  readonly version: number;
  readonly isFlexible: boolean;
}

/** Bytes of a type that always takes the same room. */
export const fixedBytes: Readonly<Partial<Record<FieldType['kind'], number>>> = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  float64: 8,
  uuid: 16,
};

export function isPresent(options: FieldOptions, { version }: Layout): boolean {
  return version >= (options.since ?? 0) && version <= (options.until ?? Infinity);
}

export function isTagged(options: FieldOptions, { version, isFlexible }: Layout): boolean {
  return options.tag !== undefined && isFlexible && version >= (options.taggedSince ?? options.since ?? 0);
}

export function isNullable(options: FieldOptions, { version }: Layout): boolean {
  if (options.nullable === undefined) return false;
  const [first, last] = typeof options.nullable === 'number' ? [options.nullable, Infinity] : options.nullable;
  return version >= first && version <= last;
}

export function isCompact(options: FieldOptions, { isFlexible }: Layout): boolean {
  return isFlexible && options.neverCompact !== true;
}

/** The fewest bytes that a value can take: a count times this must fit into what is left of the message. */
export function bytesMin(type: FieldType, options: FieldOptions, layout: Layout): number {
  const fixed = fixedBytes[type.kind];
  if (fixed !== undefined) return fixed;
  switch (type.kind) {
    case 'string':
      return isCompact(options, layout) ? 1 : 2;
    case 'struct':
      return isNullable(options, layout) ? 1 : structBytesMin(type.fields, layout);
    default:
      return layout.isFlexible ? 1 : 4;
  }
}

function structBytesMin(fields: Fields, layout: Layout): number {
  let bytes = layout.isFlexible ? 1 : 0;
  for (const { type, options } of Object.values(fields)) {
    if (isPresent(options, layout) && !isTagged(options, layout)) bytes += bytesMin(type, options, layout);
  }
  return bytes;
}

/** Source text of the value that a field has when it is not given; `noBytes` is an empty buffer. */
export function defaultSource(field: Field<unknown, unknown>): string {
  const given = field.options.default;
  if (given !== undefined) return JSON.stringify(given);
  const { type } = field;
  switch (type.kind) {
    case 'bool':
      return 'false';
    case 'string':
      return '""';
    case 'uuid':
      return JSON.stringify(zeroUuid);
    case 'bytes':
    case 'records':
      return 'noBytes';
    case 'array':
      return '[]';
    case 'struct':
      return `{${Object.entries(type.fields).map(([name, inner]) => `${name}:${defaultSource(inner)}`).join(',')}}`;
    default:
      return '0';
  }
}
