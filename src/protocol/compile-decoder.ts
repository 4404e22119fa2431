import type { Field, FieldOptions, Fields, FieldType } from './fields.ts';
import { textAt, uuidAt } from './interned.ts';
import { bytesMin, defaultSource, fixedBytes, isCompact, isNullable, isPresent, isTagged } from './layout.ts';
import type { Layout } from './layout.ts';
import { MalformedMessage } from './malformed-message.ts';
import { unknownTags } from './unknown-tags.ts';

/**
 * Turns a message's table into straight-line code that reads one version of it: no version, type or flexibility is looked
 * at while a message is read. The source is made from our own tables alone; nothing that came from outside the process
 * gets into it.
 *
 * Names in the source: `b` the buffer, `o` the place in it, `e` the message's end, `n` a length, `h` scratch, `v1`… values.
 */
export type Decoder = (buffer: Buffer, start: number, end: number, position: { end: number }) => unknown;

interface Source extends Layout {
  readonly lines: string[];
  /** Values that never change and so are made once for all messages. */
  readonly constants: string[];
  names: number;
}

/** A string longer than this is malformed in the compact form too, as in Kafka. */
const textBytesMax = 0x7fff;

const fresh = (source: Source): string => `v${source.names++}`;

export function compileDecoder(name: string, fields: Fields, layout: Layout): Decoder {
  const source: Source = { ...layout, lines: [], constants: [], names: 0 };
  const value = decodeStruct(source, fields);
  const body = `${source.constants.join('\n')}\nreturn function decode(b,o,e,position){let n=0,h=0;\n${source.lines.join('\n')}\nposition.end=o;return ${value};};`;
  const malformed = (why: string): never => {
    throw new MalformedMessage(`${name} v${layout.version}: ${why}`);
  };
  const make = new Function('malformed', 'noBytes', 'unknownTags', 'textAt', 'uuidAt', body) as (...parts: readonly unknown[]) => Decoder;
  return make(malformed, Buffer.alloc(0), unknownTags, textAt, uuidAt);
}

function needs(source: Source, count: number): void {
  source.lines.push(`if(o+${count}>e)malformed('ends too early');`);
}

type NamedField = readonly [string, Field<unknown, unknown>];

function decodeStruct(source: Source, fields: Fields): string {
  const parts: string[] = [];
  const tagged: [Field<unknown, unknown>, string][] = [];
  const entries = Object.entries(fields);
  let checked = 0;
  entries.forEach(([name, field], index) => {
    if (!isPresent(field.options, source)) {
      parts.push(`${name}:${absentSource(source, field)}`);
      return;
    }
    if (isTagged(field.options, source)) {
      const variable = fresh(source);
      source.lines.push(`let ${variable}=${absentSource(source, field)};`);
      tagged.push([field, variable]);
      parts.push(`${name}:${variable}`);
      return;
    }
    const isFixed = fixedBytes[field.type.kind] !== undefined;
    if (isFixed && index >= checked) {
      const run = fixedRun(source, entries, index);
      needs(source, run.bytes);
      checked = run.next;
    }
    parts.push(`${name}:${decodeValue(source, field.type, field.options, isFixed)}`);
  });
  if (!source.isFlexible) return `{${parts.join(',')}}`;
  return decodeTags(source, parts, tagged);
}

/** A default struct is the same frozen object each time; an array is a new one, for whoever wants to add to it. */
function absentSource(source: Source, field: Field<unknown, unknown>): string {
  const { type, options } = field;
  if (type.kind !== 'struct' || options.default === null || Object.values(type.fields).some(({ type: { kind } }) => kind === 'array')) {
    return defaultSource(field);
  }
  const variable = fresh(source);
  source.constants.push(`const ${variable}=Object.freeze(${defaultSource(field)});`);
  return variable;
}

/** The fields from `index` on that all have a fixed size need one check of the room that is left. */
function fixedRun(source: Source, entries: readonly NamedField[], index: number): { readonly bytes: number; readonly next: number } {
  let bytes = 0;
  let next = index;
  for (; next < entries.length; next++) {
    const { type, options } = entries[next]![1];
    if (!isPresent(options, source) || isTagged(options, source)) continue;
    const size = fixedBytes[type.kind];
    if (size === undefined) break;
    bytes += size;
  }
  return { bytes, next };
}

function decodeTags(source: Source, parts: readonly string[], tagged: readonly [Field<unknown, unknown>, string][]): string {
  const { lines } = source;
  const [count, tag, size, until, unknown, result] = [fresh(source), fresh(source), fresh(source), fresh(source), fresh(source), fresh(source)];
  decodeUvarint(source, count);
  lines.push(`let ${unknown};for(let i=${count};i>0;i--){`);
  decodeUvarint(source, tag);
  decodeUvarint(source, size);
  lines.push(`if(${size}>e-o)malformed('a tagged field is longer than what is left');const ${until}=o+${size};switch(${tag}){`);
  for (const [field, variable] of tagged) {
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

/** Emits the reading of one value and returns the expression that holds it. */
function decodeValue(source: Source, type: FieldType, options: FieldOptions, isRoomChecked: boolean): string {
  const { lines } = source;
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
    default: {
      if (!isRoomChecked) needs(source, fixedBytes[type.kind]!);
      const variable = fresh(source);
      lines.push(fixedSource(type.kind, variable));
      return variable;
    }
  }
}

const int32At = (at: string): string => `(b[${at}]<<24|b[${at}+1]<<16|b[${at}+2]<<8|b[${at}+3])`;

function fixedSource(kind: FieldType['kind'], variable: string): string {
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
      return int64Source(variable);
    case 'float64':
      return `const ${variable}=b.readDoubleBE(o);o+=8;`;
    default:
      return `const ${variable}=uuidAt(b,o);o+=16;`;
  }
}

/** Two 32-bit halves into a number; the lowest that the high half allows, -2^53, is one too low to be a safe integer. */
function int64Source(variable: string): string {
  return (
    `h=${int32At('o')};const ${variable}=h*4294967296+(${int32At('o+4')}>>>0);o+=8;` +
    `if(h>2097151||h<-2097152||${variable}===-9007199254740992)malformed('a number is beyond 2^53 - 1');`
  );
}

/** Emits the length of a string, bytes or array into `n`; -1 stands for null. */
function decodeLength(source: Source, width: 2 | 4, isShortForm: boolean): void {
  if (isShortForm) {
    const variable = fresh(source);
    decodeUvarint(source, variable);
    source.lines.push(`n=${variable}-1;`);
    return;
  }
  needs(source, width);
  source.lines.push(width === 2 ? 'n=(b[o]<<24|b[o+1]<<16)>>16;o+=2;' : `n=${int32At('o')};o+=4;`);
}

/** Emits what happens when the length read is below 0. */
function ifNullSource(source: Source, options: FieldOptions, variable: string, what: string): string {
  return `let ${variable};if(n<0){${isNullable(options, source) ? `${variable}=null;` : `malformed('${what} must not be null');`}}else{`;
}

function decodeString(source: Source, options: FieldOptions): string {
  const variable = fresh(source);
  const isShortForm = isCompact(options, source);
  decodeLength(source, 2, isShortForm);
  const tooLong = isShortForm ? `if(n>${textBytesMax})malformed('a string is longer than ${textBytesMax} bytes');` : '';
  source.lines.push(
    `${ifNullSource(source, options, variable, 'a string')}${tooLong}if(n>e-o)malformed('a string is longer than what is left');${variable}=textAt(b,o,o+n);o+=n;}`,
  );
  return variable;
}

function decodeBytes(source: Source, options: FieldOptions): string {
  const variable = fresh(source);
  decodeLength(source, 4, source.isFlexible);
  source.lines.push(
    `${ifNullSource(source, options, variable, 'a bytes field')}if(n>e-o)malformed('bytes are longer than what is left');${variable}=b.subarray(o,o+n);o+=n;}`,
  );
  return variable;
}

function decodeArray(source: Source, element: FieldType, options: FieldOptions): string {
  const { lines } = source;
  const [variable, count, index] = [fresh(source), fresh(source), fresh(source)];
  decodeLength(source, 4, source.isFlexible);
  // Checked before anything is made. A table whose elements take no bytes at all would allow any count, hence the 1.
  const each = Math.max(1, bytesMin(element, {}, source));
  lines.push(`${ifNullSource(source, options, variable, 'an array')}if(n*${each}>e-o)malformed('an array has more elements than fit into what is left');`);
  lines.push(`const ${count}=n;${variable}=[];for(let ${index}=0;${index}<${count};${index}++){`);
  const value = decodeValue(source, element, {}, false);
  lines.push(`${variable}.push(${value});}}`);
  return variable;
}

function decodeNestedStruct(source: Source, fields: Fields, options: FieldOptions): string {
  const variable = fresh(source);
  const canBeNull = isNullable(options, source);
  if (canBeNull) {
    needs(source, 1);
    source.lines.push(`let ${variable};if(b[o++]>127){${variable}=null;}else{`);
  }
  const value = decodeStruct(source, fields);
  source.lines.push(canBeNull ? `${variable}=${value};}` : `const ${variable}=${value};`);
  return variable;
}
