/** One record of a refused batch, as Produce v8+ answers it. */
export interface RecordError {
  readonly batchIndex: number;
  readonly message: string;
}

/**
 * What a log refuses or cannot do, by Kafka's name of the error (OFFSET_OUT_OF_RANGE, CORRUPT_MESSAGE, …).
 * The log knows no protocol: the replica room turns this into the protocol's error.
 */
export class LogError extends Error {
  override readonly name: string = 'LogError';
  readonly kafkaError: string;
  readonly recordErrors: readonly RecordError[];

  constructor(kafkaError: string, detail: string, options: ErrorOptions & { readonly recordErrors?: readonly RecordError[] } = {}) {
    super(detail, options);
    this.kafkaError = kafkaError;
    this.recordErrors = options.recordErrors ?? [];
  }
}

/** A log directory failed (EIO, ENOSPC, EMFILE, …): everything in it is offline from now on. */
export class LogFailure extends LogError {
  override readonly name = 'LogFailure';
  /** The entry of `log.dirs` that failed. */
  readonly directory: string;

  constructor(directory: string, detail: string, options?: ErrorOptions) {
    super('KAFKA_STORAGE_ERROR', detail, options);
    this.directory = directory;
  }
}
