import { KafkaError } from './errors.ts';
import type { Field, FieldOptions, Fields, FieldType } from './fields.ts';
import { defaultSource, isCompact, isNullable, isPresent, isTagged } from './layout.ts';
import type { Layout } from './layout.ts';
import { unknownTags } from './unknown-tags.ts';
import { Writer } from './writer.ts';

/**
 * Turns a message's table into straight-line code that writes one version of it. Numbers are stored right into the
 * writer's buffer, a run of them behind one check of the room; the writer's own methods do the rest.
 *
 * Names in the source: `w` the writer, `b` its buffer, `o` the place in it, `m` the buffer's end, `h` scratch, `v1`… values.
 */
export type Encoder = (writer: Writer, value: unknown) => void;

interface Source extends Layout {
  readonly lines: string[];
  names: number;
  /** Stores of numbers that wait for their common check of the room, and the bytes they take. */
  stores: string[];
  storedBytes: number;
}

const fresh = (source: Source): string => `v${source.names++}`;

const load = 'b=w.buffer;o=w.at;m=b.length;';

export function compileEncoder(name: string, fields: Fields, layout: Layout): Encoder {
  const source: Source = { ...layout, lines: [], names: 0, stores: [], storedBytes: 0 };
  encodeStruct(source, fields, 'value');
  flushStores(source);
  const body = `return function encode(w,value){let b=w.buffer,o=w.at,m=b.length,h=0;\n${source.lines.join('\n')}\nw.at=o;};`;
  const refuse = (field: string): never => {
    throw new KafkaError('UNSUPPORTED_VERSION', `${name} v${layout.version} cannot carry ${field}`);
  };
  const missing = (field: string): never => {
    throw new KafkaError('INVALID_REQUEST', `${name} v${layout.version}: ${field} must not be null`);
  };
  const unsafe = (value: number): never => {
    throw new RangeError(`${name} v${layout.version}: ${value} is not a whole number within 2^53 - 1`);
  };
  const make = new Function('refuse', 'missing', 'unsafe', 'noBytes', 'unknownTags', 'Writer', 'writeTags', body) as (...parts: readonly unknown[]) => Encoder;
  return make(refuse, missing, unsafe, Buffer.alloc(0), unknownTags, Writer, writeTags);
}

function encodeStruct(source: Source, fields: Fields, from: string): void {
  const { lines } = source;
  const tagged: [Field<unknown, unknown>, string][] = [];
  for (const [name, field] of Object.entries(fields)) {
    const { options } = field;
    const isHere = isPresent(options, source);
    if (!isHere && options.ignorable === true) continue;
    const variable = fresh(source);
    if (!isHere) {
      lines.push(`const ${variable}=${from}.${name};if(${variable}!==undefined&&${differs(field, variable)})refuse(${JSON.stringify(name)});`);
    } else if (isTagged(options, source)) {
      lines.push(`const ${variable}=${from}.${name};`);
      tagged.push([field, variable]);
    } else {
      lines.push(`let ${variable}=${from}.${name};if(${variable}===undefined)${variable}=${defaultSource(field)};`);
      encodeValue(source, field.type, options, variable, name);
    }
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

/** Tagged fields at their default are not written, so nearly always this section is one zero byte. */
function encodeTags(source: Source, tagged: readonly [Field<unknown, unknown>, string][], from: string): void {
  flushStores(source);
  const { lines } = source;
  const list = fresh(source);
  lines.push(`let ${list}=${from}[unknownTags];`);
  for (const [field, variable] of tagged) {
    lines.push(`if(${variable}!==undefined&&${differs(field, variable)}){const w=new Writer();let b=w.buffer,o=w.at,m=b.length;`);
    encodeValue(source, field.type, field.options, variable, 'a tagged field');
    flushStores(source);
    lines.push(`w.at=o;${list}=[...(${list}??[]),{tag:${field.options.tag},chunks:w.finish()}];}`);
  }
  lines.push(`if(${list}===undefined){if(o===m){w.at=o;w.grow(1);${load}}b[o++]=0;}else{w.at=o;writeTags(w,${list});${load}}`);
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

/** Source text that stores a number `at` bytes behind `o`; undefined for what the writer itself must do. */
function storeSource(kind: FieldType['kind'], variable: string, at: number): { readonly code: string; readonly bytes: number } | undefined {
  const store = (value: string, offset: number, bytes: number): string =>
    Array.from({ length: bytes }, (_, index) => `b[o+${at + offset + index}]=${index === bytes - 1 ? value : `${value}>>>${8 * (bytes - 1 - index)}`};`).join('');
  switch (kind) {
    case 'bool':
      return { code: `b[o+${at}]=${variable}?1:0;`, bytes: 1 };
    case 'int8':
      return { code: store(variable, 0, 1), bytes: 1 };
    case 'int16':
    case 'uint16':
      return { code: store(variable, 0, 2), bytes: 2 };
    case 'int32':
    case 'uint32':
      return { code: store(variable, 0, 4), bytes: 4 };
    case 'int64': {
      const code = `if(!Number.isSafeInteger(${variable}))unsafe(${variable});h=Math.floor(${variable}/4294967296);${store('h', 0, 4)}h=${variable}-h*4294967296;${store('h', 4, 4)}`;
      return { code, bytes: 8 };
    }
    default:
      return undefined;
  }
}

/** Emits the stores that wait, behind one check of the room they need. */
function flushStores(source: Source): void {
  if (source.storedBytes === 0) return;
  const { storedBytes: bytes } = source;
  source.lines.push(`if(o+${bytes}>m){w.at=o;w.grow(${bytes});${load}}${source.stores.join('')}o+=${bytes};`);
  source.stores = [];
  source.storedBytes = 0;
}

function encodeValue(source: Source, type: FieldType, options: FieldOptions, variable: string, name: string): void {
  const { lines } = source;
  const stored = storeSource(type.kind, variable, source.storedBytes);
  if (stored !== undefined) {
    source.stores.push(stored.code);
    source.storedBytes += stored.bytes;
    return;
  }
  flushStores(source);
  if (type.kind === 'float64' || type.kind === 'uuid') {
    lines.push(calling(`${type.kind}(${variable})`));
    return;
  }
  const canBeNull = isNullable(options, source);
  const whenNull = canBeNull ? nullSource(type.kind, isCompact(options, source)) : `missing(${JSON.stringify(name)});`;
  lines.push(`if(${variable}===null){${whenNull}}else{`);
  if (canBeNull && type.kind === 'struct') lines.push(calling('int8(1)'));
  encodePresent(source, type, options, variable, name);
  flushStores(source);
  lines.push('}');
}

function encodePresent(source: Source, type: FieldType, options: FieldOptions, variable: string, name: string): void {
  const { lines } = source;
  switch (type.kind) {
    case 'string':
      lines.push(calling(isCompact(options, source) ? `compactString(${variable})` : `string(${variable})`));
      return;
    case 'bytes':
    case 'records':
      lines.push(calling(`bytes(${variable},${source.isFlexible})`));
      return;
    case 'array': {
      const [element, index] = [fresh(source), fresh(source)];
      lines.push(calling(source.isFlexible ? `uvarint(${variable}.length+1)` : `int32(${variable}.length)`));
      lines.push(`for(let ${index}=0;${index}<${variable}.length;${index}++){const ${element}=${variable}[${index}];`);
      encodeValue(source, type.of, {}, element, name);
      flushStores(source);
      lines.push('}');
      return;
    }
    case 'struct':
      encodeStruct(source, type.fields, variable);
      return;
    default:
      throw new Error(`no encoder for ${type.kind}`);
  }
}

/** A call of the writer, which must know how far its buffer is filled, and may then have another one. */
function calling(call: string): string {
  return `w.at=o;w.${call};${load}`;
}

function nullSource(kind: FieldType['kind'], isShortForm: boolean): string {
  if (kind === 'struct') return calling('int8(-1)');
  if (isShortForm) return calling('int8(0)');
  return calling(kind === 'string' ? 'int16(-1)' : 'int32(-1)');
}
