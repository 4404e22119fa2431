import os from 'node:os';
import { runCommand } from '../../support/processes.ts';

/**
 * Has the machine memory at hand for what a load writes to the page cache next. A virtual machine gives free memory back to its host, and
 * each page of 4 KB that is used again then takes some 17 µs: several times what a broker takes to write it, and charged to the broker.
 * @param bytes at most; half of what is free at most
 */
export async function touchMemory(bytes: number): Promise<void> {
  const touched = Math.floor(Math.min(bytes, os.freemem() / 2));
  const { status, stderr } = await runCommand(process.execPath, ['--eval', `Buffer.alloc(${touched}, 1)`]);
  if (status !== 0) throw new Error(`memory could not be touched: ${stderr}`);
}
