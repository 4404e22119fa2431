/** A znode's data is not what its reader needs: no JSON, or a required key is missing or of the wrong type. */
export class MalformedZnode extends Error {
  override readonly name = 'MalformedZnode';
}

/** Reads one JSON object of a znode by key; keys that nobody asks for are ignored, as every Kafka version does. */
export class ZnodeObject {
  readonly #what: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(what: string, fields: Readonly<Record<string, unknown>>) {
    this.#what = what;
    this.#fields = fields;
  }

  /** @throws MalformedZnode when the bytes are not a JSON object */
  static parse(what: string, bytes: Uint8Array): ZnodeObject {
    let parsed: unknown;
    try {
      parsed = JSON.parse(textOf(bytes));
    } catch (error) {
      throw new MalformedZnode(`${what} holds no JSON`, { cause: error });
    }
    return ZnodeObject.of(what, parsed);
  }

  /** @throws MalformedZnode when the value is not an object */
  static of(what: string, value: unknown): ZnodeObject {
    if (!isRecord(value)) throw new MalformedZnode(`${what} is not a JSON object`);
    return new ZnodeObject(what, value);
  }

  has(key: string): boolean {
    return this.#get(key) !== undefined;
  }

  integer(key: string): number {
    const value = this.#get(key);
    return Number.isSafeInteger(value) ? value as number : this.#fail(key, 'a whole number');
  }

  /** A whole number that older or newer versions leave out. */
  integerOr(key: string, absent: number): number {
    return this.has(key) ? this.integer(key) : absent;
  }

  /** A whole number written as text, as Kafka writes timestamps and producer ids; a bare number is taken too. */
  integerText(key: string): number {
    const value = this.#get(key);
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    return Number.isSafeInteger(number) ? number as number : this.#fail(key, 'a whole number as text');
  }

  string(key: string): string {
    const value = this.#get(key);
    return typeof value === 'string' ? value : this.#fail(key, 'a string');
  }

  /** A string that may be absent or null. */
  optionalString(key: string): string | undefined {
    return this.has(key) ? this.string(key) : undefined;
  }

  strings(key: string): readonly string[] {
    const value = this.#get(key);
    return isArrayOf(value, (item) => typeof item === 'string') ? value as string[] : this.#fail(key, 'a list of strings');
  }

  integers(key: string): readonly number[] {
    const value = this.#get(key);
    return isArrayOf(value, Number.isSafeInteger) ? value as number[] : this.#fail(key, 'a list of whole numbers');
  }

  object(key: string): ZnodeObject {
    return ZnodeObject.of(`${key} of ${this.#what}`, this.#get(key));
  }

  /** An object that may be absent or null: then an empty one. */
  objectOrEmpty(key: string): ZnodeObject {
    return this.has(key) ? this.object(key) : new ZnodeObject(`${key} of ${this.#what}`, {});
  }

  objects(key: string): readonly ZnodeObject[] {
    const value = this.#get(key);
    if (!Array.isArray(value)) return this.#fail(key, 'a list of objects');
    return value.map((item: unknown) => ZnodeObject.of(`${key} of ${this.#what}`, item));
  }

  keys(): readonly string[] {
    return Object.keys(this.#fields);
  }

  #get(key: string): unknown {
    return Object.hasOwn(this.#fields, key) ? this.#fields[key] ?? undefined : undefined;
  }

  #fail(key: string, wanted: string): never {
    throw new MalformedZnode(`${this.#what} has no ${key} that is ${wanted}`);
  }
}

/** Without spaces, keys in the order given. */
export function encodeJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isArrayOf(value: unknown, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}
