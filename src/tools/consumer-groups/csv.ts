import type { TopicPartition } from '../../client/records.ts';
import { CommandFailure } from './failure.ts';

export interface PlannedOffset extends TopicPartition {
  readonly offset: number;
}

export type ResetPlan = ReadonlyMap<string, readonly PlannedOffset[]>;

/** `topic,partition,offset` per line, or `group,` before it. */
type Layout = 'CsvRecordNoGroup' | 'CsvRecordWithGroup';

interface Cell {
  readonly text: string;
  /** From 1 on. */
  readonly column: number;
}

/**
 * A plan of --export, read back.
 * @param groupId undefined when several groups are reset: then each line names its own
 * @throws CommandFailure
 */
export function parsePlan(csv: string, groupId: string | undefined): ResetPlan {
  const lines = csv.split('\n').filter((line, index, all) => line !== '' || index < all.length - 1);
  const isWithoutGroup = groupId !== undefined && isReadable(lines[0]);
  const plan = new Map<string, PlannedOffset[]>();
  for (const line of lines) {
    const { group, ...place } = record(line, isWithoutGroup ? 'CsvRecordNoGroup' : 'CsvRecordWithGroup');
    const its = plan.get(group ?? groupId!) ?? [];
    plan.set(group ?? groupId!, [...its.filter(({ topic, partition }) => topic !== place.topic || partition !== place.partition), place]);
  }
  return plan;
}

function isReadable(line: string | undefined): boolean {
  try {
    record(line ?? '', 'CsvRecordNoGroup');
    return true;
  } catch (error) {
    if (error instanceof CommandFailure) return false;
    throw error;
  }
}

/** @throws CommandFailure */
function record(line: string, layout: Layout): PlannedOffset & { readonly group: string | undefined } {
  const cells = cellsOf(line);
  const count = layout === 'CsvRecordNoGroup' ? 3 : 4;
  if (cells.length > count) {
    const cell = cells[count]!;
    throw new CommandFailure(`com.fasterxml.jackson.dataformat.csv.CsvReadException: Too many entries: expected at most ${count} (value #${count} (${cell.text.length} chars) "${cell.text}")\n at [Source: (StringReader); line: 1, column: ${cell.column}]`);
  }
  const at = count - 3;
  const number = (index: number, field: string, type: string): number => {
    const cell = cells[index] ?? { text: '', column: line.length + 1 };
    if (cell.text === '') return 0;
    if (!/^-?\d+$/.test(cell.text)) {
      throw new CommandFailure(
        `com.fasterxml.jackson.databind.exc.InvalidFormatException: Cannot deserialize value of type \`${type}\` from String "${cell.text}": not a valid \`${type}\` value\n at [Source: (StringReader); line: 1, column: ${cell.column}] (through reference chain: org.apache.kafka.tools.consumer.group.CsvUtils$${layout}["${field}"])`,
      );
    }
    return Number(cell.text);
  };
  return { group: at === 1 ? cells[0]?.text : undefined, topic: cells[at]?.text ?? '', partition: number(at + 1, 'partition', 'int'), offset: number(at + 2, 'offset', 'long') };
}

/** Cells of a line; one in quotes may hold commas, and doubled quotes. */
function cellsOf(line: string): Cell[] {
  const cells: Cell[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/gy;
  for (let at = 0; at <= line.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const found = pattern.exec(line);
    if (found === null) break;
    cells.push({ text: found[1]?.replaceAll('""', '"') ?? found[2]!.trim(), column: at + 1 });
    if (!found[0].endsWith(',')) break;
  }
  return cells;
}

/** A line without quotes where none are needed. */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : cell)).join(',')}\n`;
}
