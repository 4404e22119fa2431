/**
 * The notation of the property tables: Kafka's name, type, default, range, and what the property does here.
 * Values are parsed as Kafka's ConfigDef does it (trimmed; int, long, short, double by range; lists by commas).
 */
export type PropertyType = 'boolean' | 'string' | 'int' | 'short' | 'long' | 'double' | 'list' | 'password' | 'class';
export type UpdateMode = 'read-only' | 'per-broker' | 'cluster-wide';

export interface PropertyOptions<Default> {
  readonly default: Default;
  readonly update?: UpdateMode;
  readonly importance: 'high' | 'medium' | 'low';
  readonly min?: number;
  readonly max?: number;
  readonly oneOf?: readonly string[];
  /** What Kafka prints about the values that it allows. */
  readonly validator?: string;
  /** What Kafka says of a value that it refuses though type and range are right; undefined for one that it takes. */
  readonly problem?: (value: unknown) => string | undefined;
  /** Broker property that gives a topic property its default. */
  readonly synonym?: string;
  /** In another mode than ZooKeeper's, or for tiered storage: parsed, without effect. */
  readonly mode?: 'kraft' | 'zookeeper' | 'tiered-storage' | 'kraft-migration' | 'alias';
  readonly internal?: boolean;
}

export interface Property<T> {
  readonly type: PropertyType;
  /** The default as a properties file would spell it; undefined when there is none. */
  readonly defaultText: string | undefined;
  readonly defaultValue: T;
  readonly options: PropertyOptions<unknown>;
}

export type PropertyTable = Readonly<Record<string, Property<unknown>>>;
export type ValuesOf<Table extends PropertyTable> = { readonly [K in keyof Table]: Table[K] extends Property<infer T> ? T : never };

/** A property whose text is not of its type or not in its range; says which values are allowed. Kafka: ConfigException. */
export class InvalidProperty extends Error {
  override readonly name = 'ConfigException';
  readonly property: string;

  constructor(property: string, value: string | undefined, why: string) {
    super(`Invalid value ${value ?? 'null'} for configuration ${property}: ${why}`);
    this.property = property;
  }
}

/** Properties that do not go together, in Kafka's words. */
export class UnmetRequirement extends InvalidProperty {
  constructor(property: string, words: string) {
    super(property, undefined, '');
    this.message = words;
  }
}

function property<T>(type: PropertyType, value: T, text: string | undefined, options: PropertyOptions<unknown>): Property<T> {
  return { type, defaultText: text, defaultValue: value, options };
}

export const boolean = (options: PropertyOptions<boolean>): Property<boolean> =>
  property('boolean', options.default, String(options.default), options);
export const string = <D extends string | null>(options: PropertyOptions<D>): Property<D extends string ? string : string | undefined> =>
  property(
    'string',
    (options.default ?? undefined) as D extends string ? string : string | undefined,
    options.default ?? undefined,
    options,
  );
export const password = (options: PropertyOptions<null>): Property<string | undefined> => property('password', undefined, undefined, options);
export const className = (options: PropertyOptions<string | null>): Property<string | undefined> =>
  property('class', options.default ?? undefined, options.default ?? undefined, options);
export const list = (options: PropertyOptions<string | null>): Property<readonly string[]> =>
  property('list', splitList(options.default ?? ''), options.default ?? undefined, options);

type NumberType = 'int' | 'short' | 'long' | 'double';
/** A number; `null` means that another property gives the value when this one is not set. */
const numeric =
  (type: NumberType) =>
  <D extends number | null>(options: PropertyOptions<D> & { readonly text?: string }): Property<D extends number ? number : number | undefined> =>
    property(
      type,
      (options.default ?? undefined) as D extends number ? number : number | undefined,
      options.text ?? (options.default === null ? undefined : String(options.default)),
      options,
    );
export const int = numeric('int');
export const short = numeric('short');
export const long = numeric('long');
export const double = numeric('double');

/** Kafka's Long.MAX_VALUE, which means "no limit" in its tables; as a number it is 2^63. */
export const noLimit = { default: Number.MAX_SAFE_INTEGER, text: '9223372036854775807' } as const;

const wholeNumberRanges = { int: [-2147483648, 2147483647], short: [-32768, 32767], long: [-(2 ** 63), 2 ** 63] } as const;

/**
 * Parses one property's text.
 * @throws InvalidProperty with Kafka's words
 */
export function parseProperty(name: string, definition: Property<unknown>, text: string): unknown {
  const trimmed = text.trim();
  const value = parseText(name, definition, trimmed);
  const problem = definition.options.problem?.(value);
  if (problem !== undefined) throw new InvalidProperty(name, Array.isArray(value) ? `[${value.join(', ')}]` : trimmed, problem);
  return value;
}

function parseText(name: string, definition: Property<unknown>, trimmed: string): unknown {
  switch (definition.type) {
    case 'boolean':
      if (/^true$/i.test(trimmed)) return true;
      if (/^false$/i.test(trimmed)) return false;
      throw new InvalidProperty(name, trimmed, 'Expected value to be either true or false');
    case 'int':
    case 'short':
    case 'long':
    case 'double':
      return parseNumber(name, definition, definition.type, trimmed);
    case 'list': {
      const items = splitList(trimmed);
      for (const item of items) checkOneOf(name, definition, item);
      return items;
    }
    case 'string':
    case 'class':
    case 'password':
      checkOneOf(name, definition, trimmed);
      return trimmed;
  }
}

function parseNumber(name: string, definition: Property<unknown>, type: NumberType, text: string): number {
  const isNumber = type === 'double' ? text !== '' && !Number.isNaN(Number(text)) : /^[+-]?\d+$/.test(text);
  const value = Number(text);
  const [least, most] = type === 'double' ? [-Infinity, Infinity] : wholeNumberRanges[type];
  if (!isNumber || value < least || value > most) throw new InvalidProperty(name, text, `Not a number of type ${type.toUpperCase()}`);
  const { min, max } = definition.options;
  if (min !== undefined && value < min) throw new InvalidProperty(name, text, `Value must be at least ${min}`);
  if (max !== undefined && value > max) throw new InvalidProperty(name, text, `Value must be no more than ${max}`);
  return type === 'long' ? Math.max(-Number.MAX_SAFE_INTEGER, Math.min(value, Number.MAX_SAFE_INTEGER)) : value;
}

function checkOneOf(name: string, definition: Property<unknown>, text: string): void {
  const { oneOf } = definition.options;
  if (oneOf !== undefined && !oneOf.includes(text)) {
    throw new InvalidProperty(name, text, `String must be one of: ${oneOf.join(', ')}`);
  }
}

export function splitList(text: string): readonly string[] {
  return text === '' ? [] : text.split(',').map((item) => item.trim());
}
