import { KafkaError } from './errors.ts';
import type { Field, FieldOptions, FieldType, Fields } from './fields.ts';
import { zeroUuid } from './fields.ts';
import { MalformedMessage } from './malformed-message.ts';
import { Writer } from './writer.ts';

/**
 * Turns a message's table into straight-line code, once per version and direction: no version, type or flexibility is
 * looked at while a message is read. (Interpreting the table costs 5 to 8 times as much: `test/bench/protocol.ts`.)
 * The source is made from our own tables alone; nothing that came from outside the process gets into it.
 */
export type Decoder = (buffer: Buffer, start: number, end: number, position: { end: number }) => unknown;
export type Encoder = (writer: Writer, value: unknown) => void;

/** Where tagged fields that the table does not know are kept, so that they survive decoding and encoding. */
export const unknownTags = Symbol('unknown tagged fields');
export interface UnknownTag {
  readonly tag: number;
  readonly bytes: Buffer;
}

interface Source {
  readonly lines: string[];
  names: number;
  readonly version: number;
  readonly isFlexible: boolean;
}

const fresh = (source: Source): string => `v${source.names++}`;

/** Bytes of a type that always takes the same room. */
const fixedBytes: Readonly<Record<string, number>> = { bool: 1, int8: 1, int16: 2, uint16: 2, int32: 4, uint32: 4, int64: 8, float64: 8, uuid: 16 };

function isPresent(options: FieldOptions, version: number): boolean {
  return version >= (options.since ?? 0) && version <= (options.until ?? Infinity);
}

function isTagged(options: FieldOptions, source: Source): boolean {
  return options.tag !== undefined && source.isFlexible && source.version >= (options.taggedSince ?? options.since ?? 0);
}

function isNullable(options: FieldOptions, version: number): boolean {
  if (options.nullable === undefined) return false;
  const [first, last] = typeof options.nullable === 'number' ? [options.nullable, Infinity] : options.nullable;
  return version >= first && version <= last;
}

/** Source text of the value that a field has when it is not given. */
function defaultSource(field: Field<unknown, unknown>): string {
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

export function compileDecoder(name: string, fields: Fields, version: number, isFlexible: boolean): Decoder {
  const source: Source = { lines: [], names: 0, version, isFlexible };
  const value = decodeStruct(source, fields);
  const body = `return function decode(b,o,e,position){let n=0,h=0;${source.lines.join('\n')}\nposition.end=o;return ${value};};`;
  const malformed = (why: string): never => {
    throw new MalformedMessage(`${name} v${version}: ${why}`);
  };
  const make = new Function('malformed', 'noBytes', 'unknownTags', body) as (...parts: readonly unknown[]) => Decoder;
  return make(malformed, Buffer.alloc(0), unknownTags);
}

function needs(source: Source, count: number): void {
  source.lines.push(`if(o+${count}>e)malformed('ends too early');`);
}

function decodeStruct(source: Source, fields: Fields): string {
  const parts: string[] = [];
  const tagged: [string, Field<unknown, unknown>, string][] = [];
  const entries = Object.entries(fields);
  let checked = 0;
  entries.forEach(([name, field], index) => {
    if (!isPresent(field.options, source.version)) {
      parts.push(`${name}:${defaultSource(field)}`);
      return;
    }
    if (isTagged(field.options, source)) {
      const variable = fresh(source);
      source.lines.push(`let ${variable}=${defaultSource(field)};`);
      tagged.push([name, field, variable]);
      parts.push(`${name}:${variable}`);
      return;
    }
    const size = fixedBytes[field.type.kind];
    if (size !== undefined && index >= checked) {
      const run = fixedRun(source, entries, index);
      needs(source, run.bytes);
      checked = run.next;
    }
    parts.push(`${name}:${decodeValue(source, field.type, field.options, size !== undefined)}`);
  });
  if (!source.isFlexible) return `{${parts.join(',')}}`;
  return decodeTags(source, parts, tagged);
}

/** The fields from `index` on that all have a fixed size need one check of the room that is left. */
function fixedRun(source: Source, entries: readonly [string, Field<unknown, unknown>][], index: number): { readonly bytes: number; readonly next: number } {
  let bytes = 0;
  let next = index;
  for (; next < entries.length; next++) {
    const { type, options } = entries[next]![1];
    if (!isPresent(options, source.version) || isTagged(options, source)) continue;
    const size = fixedBytes[type.kind];
    if (size === undefined) break;
    bytes += size;
  }
  return { bytes, next };
}

function decodeTags(source: Source, parts: readonly string[], tagged: readonly [string, Field<unknown, unknown>, string][]): string {
  const { lines } = source;
  const [count, tag, size, until, unknown, result] = [fresh(source), fresh(source), fresh(source), fresh(source), fresh(source), fresh(source)];
  decodeUvarint(source, count);
  lines.push(`let ${unknown};for(let i=${count};i>0;i--){`);
  decodeUvarint(source, tag);
  decodeUvarint(source, size);
  lines.push(`if(${size}>e-o)malformed('a tagged field is longer than what is left');const ${until}=o+${size};switch(${tag}){`);
  for (const [, field, variable] of tagged) {
    lines.push(`case ${field.options.tag}:{`);
    lines.push(`${variable}=${decodeValue(source, field.type, field.options, false)};`);
    lines.push(`if(o!==${until})malformed('a tagged field has another length than it says');break;}`);
  }
  lines.push(`default:(${unknown}??=[]).push({tag:${tag},bytes:b.subarray(o,${until})});o=${until};}}`);
  lines.push(`const ${result}={${parts.join(',')}};if(${unknown}!==undefined)${result}[unknownTags]=${unknown};`);
  return result;
}

function decodeUvarint(source: Source, variable: string): void {
  source.lines.push(
    `if(o>=e)malformed('ends too early');let ${variable}=b[o++];if(${variable}>127){${variable}&=127;let s=7;for(;;){if(o>=e)malformed('ends too early');h=b[o++];` +
      `if(s===28&&h>15)malformed('a variable-length number is longer than 32 bits');${variable}|=(h&127)<<s;if(h<128)break;s+=7;}${variable}>>>=0;}`,
  );
}

const int32At = (at: string): string => `(b[${at}]<<24|b[${at}+1]<<16|b[${at}+2]<<8|b[${at}+3])`;

/** Emits the reading of one value and returns the expression that holds it. */
function decodeValue(source: Source, type: FieldType, options: FieldOptions, isRoomChecked: boolean): string {
  const { lines } = source;
  const size = fixedBytes[type.kind];
  if (size !== undefined) {
    if (!isRoomChecked) needs(source, size);
    const variable = fresh(source);
    lines.push(fixedSource(type.kind, variable));
    return variable;
  }
  switch (type.kind) {
    case 'string':
      return decodeString(source, options);
    case 'bytes':
    case 'records':
      return decodeBytes(source, options);
    case 'array':
      return decodeArray(source, type.of, options);
    case 'struct':
      return decodeNestedStruct(source, type.fields, options);
    default:
      throw new Error(`no decoder for ${type.kind}`);
  }
}

function fixedSource(kind: string, variable: string): string {
  switch (kind) {
    case 'bool':
      return `const ${variable}=b[o++]!==0;`;
    case 'int8':
      return `const ${variable}=b[o++]<<24>>24;`;
    case 'int16':
      return `const ${variable}=(b[o]<<24|b[o+1]<<16)>>16;o+=2;`;
    case 'uint16':
      return `const ${variable}=b[o]<<8|b[o+1];o+=2;`;
    case 'int32':
      return `const ${variable}=${int32At('o')};o+=4;`;
    case 'uint32':
      return `const ${variable}=${int32At('o')}>>>0;o+=4;`;
    case 'int64':
      return `h=${int32At('o')};if(h>2097151||h<-2097152)malformed('a number is beyond 2^53');const ${variable}=h*4294967296+(${int32At('o+4')}>>>0);o+=8;`;
    case 'float64':
      return `const ${variable}=b.readDoubleBE(o);o+=8;`;
    default:
      return `const ${variable}=b.base64urlSlice(o,o+16);o+=16;`;
  }
}

/** Emits the length of a string, bytes or array into `n`; -1 stands for null. */
function decodeLength(source: Source, width: 2 | 4, isCompact: boolean): void {
  if (isCompact) {
    const variable = fresh(source);
    decodeUvarint(source, variable);
    source.lines.push(`n=${variable}-1;`);
    return;
  }
  needs(source, width);
  source.lines.push(width === 2 ? 'n=(b[o]<<24|b[o+1]<<16)>>16;o+=2;' : `n=${int32At('o')};o+=4;`);
}

function decodeString(source: Source, options: FieldOptions): string {
  const variable = fresh(source);
  decodeLength(source, 2, source.isFlexible && options.neverCompact !== true);
  const ifNull = isNullable(options, source.version) ? `${variable}=null;` : `malformed('a string that must be there is null');`;
  source.lines.push(
    `let ${variable};if(n<0){${ifNull}}else{if(n>e-o)malformed('a string is longer than what is left');${variable}=n===0?'':b.utf8Slice(o,o+n);o+=n;}`,
  );
  return variable;
}

function decodeBytes(source: Source, options: FieldOptions): string {
  const variable = fresh(source);
  decodeLength(source, 4, source.isFlexible);
  const ifNull = isNullable(options, source.version) ? `${variable}=null;` : `malformed('bytes that must be there are null');`;
  source.lines.push(`let ${variable};if(n<0){${ifNull}}else{if(n>e-o)malformed('bytes are longer than what is left');${variable}=b.subarray(o,o+n);o+=n;}`);
  return variable;
}

function decodeArray(source: Source, element: FieldType, options: FieldOptions): string {
  const { lines } = source;
  const [variable, count, index] = [fresh(source), fresh(source), fresh(source)];
  decodeLength(source, 4, source.isFlexible);
  const ifNull = isNullable(options, source.version) ? `${variable}=null;` : `malformed('an array that must be there is null');`;
  // Each element takes a byte at least, so a count beyond the bytes that are left is refused before anything is made.
  lines.push(`let ${variable};if(n<0){${ifNull}}else{if(n>e-o)malformed('an array has more elements than bytes are left');`);
  lines.push(`const ${count}=n;${variable}=[];for(let ${index}=0;${index}<${count};${index}++){`);
  const value = decodeValue(source, element, {}, false);
  lines.push(`${variable}.push(${value});}}`);
  return variable;
}

function decodeNestedStruct(source: Source, fields: Fields, options: FieldOptions): string {
  const variable = fresh(source);
  const canBeNull = isNullable(options, source.version);
  if (canBeNull) {
    needs(source, 1);
    source.lines.push(`let ${variable};if(b[o++]>127){${variable}=null;}else{`);
  }
  const value = decodeStruct(source, fields);
  source.lines.push(canBeNull ? `${variable}=${value};}` : `const ${variable}=${value};`);
  return variable;
}

export function compileEncoder(name: string, fields: Fields, version: number, isFlexible: boolean): Encoder {
  const source: Source = { lines: [], names: 0, version, isFlexible };
  encodeStruct(source, fields, 'value');
  const body = `return function encode(w,value){${source.lines.join('\n')}};`;
  const refuse = (field: string): never => {
    throw new KafkaError('UNSUPPORTED_VERSION', `${name} v${version} cannot carry ${field}`);
  };
  const missing = (field: string): never => {
    throw new KafkaError('INVALID_REQUEST', `${name} v${version}: ${field} must not be null`);
  };
  const make = new Function('refuse', 'missing', 'noBytes', 'unknownTags', 'Writer', 'tags', body) as (...parts: readonly unknown[]) => Encoder;
  return make(refuse, missing, Buffer.alloc(0), unknownTags, Writer, writeTags);
}

function encodeStruct(source: Source, fields: Fields, from: string): void {
  const { lines } = source;
  const tagged: [Field<unknown, unknown>, string][] = [];
  for (const [name, field] of Object.entries(fields)) {
    const variable = fresh(source);
    if (!isPresent(field.options, source.version)) {
      if (field.options.ignorable === true) continue;
      lines.push(`const ${variable}=${from}.${name};if(${variable}!==undefined&&${differs(field, variable)})refuse(${JSON.stringify(name)});`);
      continue;
    }
    lines.push(`let ${variable}=${from}.${name};if(${variable}===undefined)${variable}=${defaultSource(field)};`);
    if (isTagged(field.options, source)) tagged.push([field, variable]);
    else encodeValue(source, field.type, field.options, variable, name);
  }
  if (source.isFlexible) encodeTags(source, tagged, from);
}

/** Source text of a condition that holds when a value is not the field's default. */
function differs(field: Field<unknown, unknown>, variable: string): string {
  const { type, options } = field;
  if (options.default === null) return `${variable}!==null`;
  switch (type.kind) {
    case 'array':
    case 'bytes':
    case 'records':
      return `(${variable}===null||${variable}.length>0)`;
    case 'struct':
      return `(${variable}===null||${Object.entries(type.fields)
        .map(([name, inner]) => `(${variable}.${name}!==undefined&&${differs(inner, `${variable}.${name}`)})`)
        .join('||')})`;
    default:
      return `${variable}!==${defaultSource(field)}`;
  }
}

function encodeTags(source: Source, tagged: readonly [Field<unknown, unknown>, string][], from: string): void {
  const { lines } = source;
  const list = fresh(source);
  lines.push(`{let ${list}=${from}[unknownTags];`);
  for (const [field, variable] of tagged) {
    lines.push(`if(${differs(field, variable)}){{const w=new Writer();`);
    encodeValue(source, field.type, field.options, variable, 'tagged field');
    lines.push(`${list}=[...(${list}??[]),{tag:${field.options.tag},chunks:w.finish()}];}}`);
  }
  lines.push(`if(${list}===undefined)w.int8(0);else tags(w,${list});}`);
}

interface WrittenTag {
  readonly tag: number;
  readonly bytes?: Uint8Array;
  readonly chunks?: readonly Uint8Array[];
}

/** Writes tagged fields in ascending order, as the format demands. */
function writeTags(writer: Writer, list: readonly WrittenTag[]): void {
  const sorted = list.toSorted((a, b) => a.tag - b.tag);
  writer.uvarint(sorted.length);
  for (const { tag, bytes, chunks = bytes === undefined ? [] : [bytes] } of sorted) {
    writer.uvarint(tag);
    let length = 0;
    for (const chunk of chunks) length += chunk.byteLength;
    writer.uvarint(length);
    for (const chunk of chunks) writer.raw(chunk);
  }
}

function encodeValue(source: Source, type: FieldType, options: FieldOptions, variable: string, name: string): void {
  const { lines, isFlexible } = source;
  if (fixedBytes[type.kind] !== undefined) {
    lines.push(`w.${type.kind}(${variable});`);
    return;
  }
  const isCompact = isFlexible && options.neverCompact !== true;
  const canBeNull = isNullable(options, source.version);
  const whenNull = canBeNull ? nullSource(type.kind, isCompact) : `missing(${JSON.stringify(name)});`;
  lines.push(`if(${variable}===null){${whenNull}}else{`);
  switch (type.kind) {
    case 'string':
      lines.push(isCompact ? `w.compactString(${variable});` : `w.string(${variable});`);
      break;
    case 'bytes':
    case 'records':
      lines.push(`w.bytes(${variable},${isCompact});`);
      break;
    case 'array': {
      const element = fresh(source);
      lines.push(isCompact ? `w.uvarint(${variable}.length+1);` : `w.int32(${variable}.length);`);
      lines.push(`for(const ${element} of ${variable}){`);
      encodeValue(source, type.of, {}, element, name);
      lines.push('}');
      break;
    }
    case 'struct':
      if (canBeNull) lines.push('w.int8(1);');
      encodeStruct(source, type.fields, variable);
      break;
  }
  lines.push('}');
}

function nullSource(kind: string, isCompact: boolean): string {
  if (kind === 'struct') return 'w.int8(-1);';
  if (isCompact) return 'w.int8(0);';
  return kind === 'string' ? 'w.int16(-1);' : 'w.int32(-1);';
}
