/** The nodes that ZooKeeper keeps for itself. */
export const reservedPaths = { zookeeper: '/zookeeper', quota: '/zookeeper/quota', config: '/zookeeper/config' } as const;

export function isReserved(path: string): boolean {
  return path === '/' || path === reservedPaths.zookeeper || path === reservedPaths.quota || path === reservedPaths.config;
}

/** The parent's path as the tree knows it: empty for the root's children. The path must contain a slash. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

// Control characters, UTF-16 surrogates with the private use area, and the specials block. `.`/`..` parts and empty parts.
// oxlint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\uffff]|\/\/|\/\.{1,2}(?:\/|$)/;

/** What a create, setData, setACL or check takes as a path (PathUtils.validatePath). */
export function isValidPath(path: string): boolean {
  if (path === '/') return true;
  return path.startsWith('/') && !path.endsWith('/') && !forbidden.test(path);
}
