import { ZooKeeperError } from './zookeeper.ts';

export interface ZooKeeperAddress {
  readonly host: string;
  readonly port: number;
}

export interface ConnectString {
  readonly servers: readonly ZooKeeperAddress[];
  /** Without a slash at the end; empty for none. */
  readonly chroot: string;
}

const defaultPort = 2181;

/**
 * Reads zookeeper.connect: `host1:port1,[::1]:port2/chroot`. A port left out is 2181.
 *
 * @throws ZooKeeperError BAD_ARGUMENTS
 */
export function parseConnectString(text: string): ConnectString {
  const slash = text.indexOf('/');
  const hosts = slash < 0 ? text : text.slice(0, slash);
  const chroot = slash < 0 ? '' : text.slice(slash).replace(/\/$/, '');
  const servers = hosts.split(',').map((host) => host.trim()).filter((host) => host !== '').map((host) => parseAddress(host, text));
  if (servers.length === 0) throw malformed(text, 'names no server');
  if (/\/\/|\/\.{1,2}(\/|$)/.test(chroot)) throw malformed(text, `has the chroot ${chroot}, which is no path`);
  return { servers, chroot };
}

function parseAddress(host: string, text: string): ZooKeeperAddress {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(host);
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  const name = match?.[1] ?? match?.[2];
  if (name === undefined || port < 1 || port > 65_535) throw malformed(text, `has the server ${host}, which is not host:port`);
  return { host: name, port };
}

function malformed(text: string, why: string): ZooKeeperError {
  return new ZooKeeperError('BAD_ARGUMENTS', undefined, { detail: `zookeeper.connect=${text} ${why}` });
}
