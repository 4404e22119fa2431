import type { Admin } from '../client/admin-types.ts';
import type { ClientProperties } from './client-properties.ts';
import { connectionOptions } from './client-properties.ts';
import type { Terminal } from './terminal.ts';
import { terminalLogger } from './terminal.ts';

/** An admin client, loaded only now: a tool that ends with its help does not wait for it. @throws ConfigException */
export async function openAdmin(terminal: Terminal, bootstrapServers: string, properties: ClientProperties): Promise<Admin> {
  const { createAdmin } = await import('../client/index.ts');
  return createAdmin(connectionOptions({ ...properties, 'bootstrap.servers': bootstrapServers }), { logger: terminalLogger(terminal) });
}
