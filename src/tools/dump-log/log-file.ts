import { sizePrefixBytes } from '../../record/batch.ts';
import type { Disk, DiskFile } from '../../runtime/disk.ts';

/** Bytes of a header up to and with the format's number: fewer are no batch. */
const headerUpToMagicBytes = 17;
const recordBytesMin = 14;

/** An exception of Kafka's tool: its class and words are printed, and the exit code is 1. */
export class JavaException extends Error {
  override readonly name = 'JavaException';

  constructor(className: string, message: string) {
    super(`${className}: ${message}`);
  }
}

/** One batch, in a buffer of its own, and where it lies in the file. */
export interface FileBatch {
  readonly bytes: Buffer;
  readonly position: number;
}

/** A log file read batch by batch. */
export interface LogFile {
  readonly sizeBytes: number;
  /** Whole batches from a position on, up to an incomplete one. @throws JavaException */
  batches(from?: number, bytesMax?: number): Generator<FileBatch, void>;
  close(): void;
}

/** @throws JavaException when there is no such file */
export function openLogFile(disk: Disk, path: string): LogFile {
  let opened: DiskFile;
  try {
    opened = disk.openSync(path, 'read');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new JavaException(code === 'ENOENT' ? 'java.nio.file.NoSuchFileException' : 'java.nio.file.FileSystemException', path);
  }
  const sizeBytes = opened.sizeSync();
  const header = Buffer.alloc(headerUpToMagicBytes);
  return {
    sizeBytes,
    *batches(from = 0, bytesMax = Infinity) {
      const end = Math.min(sizeBytes, from + bytesMax);
      let position = from;
      while (position < end - headerUpToMagicBytes) {
        opened.readSync(header, 0, headerUpToMagicBytes, position);
        const size = header.readInt32BE(8);
        if (size < recordBytesMin) {
          throw new JavaException('org.apache.kafka.common.errors.CorruptRecordException', `Found record size ${size} smaller than minimum record overhead (${recordBytesMin}) in file ${path}.`);
        }
        if (position > end - sizePrefixBytes - size) return;
        const bytes = Buffer.allocUnsafe(size + sizePrefixBytes);
        opened.readSync(bytes, 0, bytes.length, position);
        yield { bytes, position };
        position += bytes.length;
      }
    },
    close: () => opened.closeSync(),
  };
}
