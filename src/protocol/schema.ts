import { compileDecoder } from './compile-decoder.ts';
import type { Decoder } from './compile-decoder.ts';
import { compileEncoder } from './compile-encoder.ts';
import type { Encoder } from './compile-encoder.ts';
import type { DecodedFields, Fields, InputFields } from './fields.ts';
import { KafkaError } from './errors.ts';
import type { Writer } from './writer.ts';

/** A message of the protocol in all its versions. `T` is what decoding gives, `I` what encoding takes. */
export interface MessageSchema<T, I = unknown> {
  readonly name: string;
  /** -1 for what is not a request or response: headers and the values of internal topics. */
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
  /** First flexible version (KIP-482); Infinity when there is none. */
  readonly flexibleSince: number;
  /** The table that it is made from. */
  readonly fields: Fields;
  /**
   * Reads a message; bytes fields are views of `buffer`. Bytes behind the message are passed over, as Kafka does.
   * @throws MalformedMessage when the bytes are not a message of that version
   */
  decode(buffer: Buffer, start: number, end: number, version: number): T;
  /** Where the message that was last decoded ended; headers need it. */
  decodedEnd(): number;
  /** @throws KafkaError UNSUPPORTED_VERSION when a field is set that the version cannot carry */
  encode(writer: Writer, value: I, version: number): void;
}

export type Decoded<S> = S extends MessageSchema<infer T, infer _I> ? T : never;
export type Input<S> = S extends MessageSchema<infer _T, infer I> ? I : never;

export interface MessageOptions {
  readonly apiKey?: number;
  readonly versions: readonly [number, number];
  readonly flexibleSince?: number;
}

/** Makes a message from its table. Codecs are compiled at first use, one per version and direction. */
export function message<F extends Fields>(name: string, options: MessageOptions, fields: F): MessageSchema<DecodedFields<F>, InputFields<F>> {
  const [minVersion, maxVersion] = options.versions;
  const flexibleSince = options.flexibleSince ?? Infinity;
  const decoders: (Decoder | undefined)[] = [];
  const encoders: (Encoder | undefined)[] = [];
  const position = { end: 0 };

  function checkVersion(version: number): void {
    if (version < minVersion || version > maxVersion) {
      throw new KafkaError('UNSUPPORTED_VERSION', `${name} has versions ${minVersion} to ${maxVersion}, not ${version}`);
    }
  }

  return {
    name,
    apiKey: options.apiKey ?? -1,
    minVersion,
    maxVersion,
    flexibleSince,
    fields,
    decode(buffer, start, end, version) {
      let decoder = decoders[version];
      if (decoder === undefined) {
        checkVersion(version);
        decoder = compileDecoder(name, fields, { version, isFlexible: version >= flexibleSince });
        decoders[version] = decoder;
      }
      return decoder(buffer, start, end, position) as DecodedFields<F>; // sound: the decoder is made from F
    },
    decodedEnd: () => position.end,
    encode(writer, value, version) {
      let encoder = encoders[version];
      if (encoder === undefined) {
        checkVersion(version);
        encoder = compileEncoder(name, fields, { version, isFlexible: version >= flexibleSince });
        encoders[version] = encoder;
      }
      encoder(writer, value);
    },
  };
}
