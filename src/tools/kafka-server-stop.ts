import fs from 'node:fs';
import { parseProperties } from '../runtime/config/properties-file.ts';
import type { RunningProcess } from './processes.ts';
import { findProcesses, stopProcesses } from './processes.ts';

/** kafka-server-stop: ends the brokers of this machine, ours and Apache Kafka's. */
const brokerPattern = /^\S*node\S*\s.*kafka-server-start(\.sh|\.cjs|\.ts)?\s(?!-daemon)|java.* kafka\.Kafka /;

function main(args: readonly string[]): void {
  const nodeId = valueOf(args, 'node-id');
  const role = valueOf(args, 'process-role');
  const isWanted = (process: RunningProcess): boolean => {
    if (nodeId === undefined && role === undefined) return true;
    const properties = propertiesOf(process);
    if (nodeId !== undefined) return (properties['node.id'] ?? properties['broker.id']) === nodeId;
    return properties['process.roles']?.split(',').includes(role as string) ?? role === 'broker';
  };
  process.exitCode = stopProcesses(findProcesses(brokerPattern).filter(isWanted), 'kafka');
}

function valueOf(args: readonly string[], name: string): string | undefined {
  return args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}

/** The file that a broker was started with: the first word that ends in .properties. Read from here, so a relative one may not be found. */
function propertiesOf({ pid, command }: RunningProcess): Readonly<Record<string, string>> {
  const file = command.split(' ').find((word) => word.endsWith('.properties'));
  if (file === undefined) return {};
  for (const candidate of [file, `/proc/${pid}/cwd/${file}`]) {
    try {
      return parseProperties(fs.readFileSync(candidate, 'utf8'));
    } catch {
      continue;
    }
  }
  return {};
}

main(process.argv.slice(2));
