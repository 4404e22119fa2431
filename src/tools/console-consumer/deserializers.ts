/** Bytes that are not what a deserializer reads; Kafka: SerializationException. */
export class SerializationError extends Error {
  override readonly name = 'SerializationException';
}

/** Text of bytes, as the Java object's toString would give it. */
export type Deserializer = (bytes: Buffer) => string;

function sized(name: string, size: number, read: (bytes: Buffer) => string): Deserializer {
  return (bytes) => {
    if (bytes.length !== size) throw new SerializationError(`Size of data received by ${name} is not ${size}`);
    return read(bytes);
  };
}

const serializationPackage = 'org.apache.kafka.common.serialization.';

/** Java prints whole doubles and floats with `.0`, and very large and small ones with an exponent. */
function javaDecimal(value: number, digits: (value: number) => string): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) {
    const text = digits(value);
    return /[.e]/.test(text) ? text : `${text}.0`;
  }
  const [mantissa = '', exponent = ''] = Number(digits(value)).toExponential().split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${exponent.replace('+', '')}`;
}

/** The fewest digits that give the same 32-bit float again. */
function floatDigits(value: number): string {
  for (let precision = 1; precision < 10; precision++) {
    const text = String(Number(value.toPrecision(precision)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(value);
}

const deserializers: Readonly<Record<string, Deserializer>> = {
  StringDeserializer: (bytes) => bytes.toString(),
  ByteArrayDeserializer: (bytes) => bytes.toString('latin1'),
  BytesDeserializer: (bytes) => [...bytes].map((byte) => (byte >= 32 && byte < 127 && byte !== 92 ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`)).join(''),
  LongDeserializer: sized('LongDeserializer', 8, (bytes) => String(bytes.readBigInt64BE())),
  IntegerDeserializer: sized('IntegerDeserializer', 4, (bytes) => String(bytes.readInt32BE())),
  ShortDeserializer: sized('ShortDeserializer', 2, (bytes) => String(bytes.readInt16BE())),
  DoubleDeserializer: sized('Deserializer', 8, (bytes) => javaDecimal(bytes.readDoubleBE(), String)),
  FloatDeserializer: sized('Deserializer', 4, (bytes) => javaDecimal(bytes.readFloatBE(), floatDigits)),
  BooleanDeserializer: sized('BooleanDeserializer', 1, (bytes) => String(bytes[0] === 1)),
  UUIDDeserializer: (bytes) => bytes.toString(),
  VoidDeserializer: () => 'null',
};

/** A class of Kafka's by its name; undefined for any other. */
export function deserializerOf(className: string): Deserializer | undefined {
  if (!className.startsWith(serializationPackage)) return undefined;
  const name = className.slice(serializationPackage.length);
  return Object.hasOwn(deserializers, name) ? deserializers[name] : undefined;
}
