import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import type { ConsumerRecord } from '../../../src/client/records.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { createFormatter } from '../../../src/tools/console-consumer/formatters.ts';

interface Recorded {
  readonly formatter: string;
  /** Keys and values, base64, in the order of the log. */
  readonly records: readonly (readonly [string | null, string | null])[];
  /** What kafka-console-consumer of Apache Kafka 3.9.1 printed of them. */
  readonly stdout: string;
}

const recorded = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../../golden/cli/formatters.json'), 'utf8')) as readonly Recorded[];
const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text, 'base64'));

describe('formatters of internal topics print as those of Apache Kafka 3.9.1', () => {
  for (const { formatter: name, records, stdout } of recorded) {
    it(name, async () => {
      const formatter = await createFormatter(name, {}, silentLogger);
      const pieces: Uint8Array[] = [];
      for (const [key, value] of records) formatter!({ key: bytes(key), value: bytes(value) } as ConsumerRecord, pieces);
      expect(Buffer.concat(pieces).toString()).to.equal(stdout);
    });
  }
});
