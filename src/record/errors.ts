/** Names of Kafka's protocol errors that bad records can cause. */
export type RecordErrorName =
  | 'CORRUPT_MESSAGE'
  | 'INVALID_RECORD'
  | 'INVALID_TIMESTAMP'
  | 'UNSUPPORTED_COMPRESSION_TYPE'
  | 'REQUEST_TIMED_OUT'
  | 'UNSUPPORTED_FOR_MESSAGE_FORMAT';

/** One refused record of a batch, as Produce v8 and later report it (KIP-467). */
export interface RecordError {
  /** Place of the record within its batch, from 0. */
  readonly batchIndex: number;
  readonly message: string;
}

/** What is wrong with bytes that were handed to this room; `kafkaError` is what a broker answers for it. */
export class RecordFailure extends Error {
  override readonly name: string = 'RecordFailure';
  readonly kafkaError: RecordErrorName;
  /** Empty unless single records were refused. */
  readonly recordErrors: readonly RecordError[];

  constructor(kafkaError: RecordErrorName, detail: string, recordErrors: readonly RecordError[] = [], options?: ErrorOptions) {
    super(detail, options);
    this.kafkaError = kafkaError;
    this.recordErrors = recordErrors;
  }
}

/** The bytes are not what their format says: wrong checksum, size, length or compressed data. */
export class CorruptRecord extends RecordFailure {
  override readonly name = 'CorruptRecord';

  constructor(detail: string, options?: ErrorOptions) {
    super('CORRUPT_MESSAGE', detail, [], options);
  }
}

/** The codec does not exist, is not allowed in this record format, or its package is not installed. */
export class UnsupportedCompression extends RecordFailure {
  override readonly name = 'UnsupportedCompression';

  constructor(detail: string, options?: ErrorOptions) {
    super('UNSUPPORTED_COMPRESSION_TYPE', detail, [], options);
  }
}

/** The codec's package is on its way into memory: the client tries again, as after any request that timed out. */
export class CodecLoading extends RecordFailure {
  override readonly name = 'CodecLoading';

  constructor(detail: string) {
    super('REQUEST_TIMED_OUT', detail);
  }
}

/** The frame around it is sound, but a record or header field is not. */
export class InvalidRecord extends RecordFailure {
  override readonly name = 'InvalidRecord';

  constructor(detail: string, options?: ErrorOptions) {
    super('INVALID_RECORD', detail, [], options);
  }
}
