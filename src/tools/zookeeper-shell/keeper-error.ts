/** Error codes of the ZooKeeper protocol with the words that Apache ZooKeeper prints for them. */
export const keeperErrors = {
  connectionLoss: -4,
  noNode: -101,
  noAuth: -102,
  badVersion: -103,
  nodeExists: -110,
  notEmpty: -111,
  sessionExpired: -112,
  invalidAcl: -114,
  authFailed: -115,
  noWatcher: -121,
} as const;

const codeTexts: ReadonlyMap<number, string> = new Map([
  [-1, 'SystemError'], [-2, 'RuntimeInconsistency'], [-3, 'DataInconsistency'], [-4, 'ConnectionLoss'], [-5, 'MarshallingError'],
  [-6, 'Unimplemented'], [-7, 'OperationTimeout'], [-8, 'BadArguments'], [-13, 'NewConfigNoQuorum'], [-14, 'ReconfigInProgress'],
  [-100, 'APIError'], [-101, 'NoNode'], [-102, 'NoAuth'], [-103, 'BadVersion'], [-108, 'NoChildrenForEphemerals'], [-110, 'NodeExists'],
  [-111, 'Directory not empty'], [-112, 'Session expired'], [-113, 'Invalid callback'], [-114, 'InvalidACL'], [-115, 'AuthFailed'],
  [-118, 'Session moved'], [-119, 'Not a read-only call'], [-120, 'Ephemeral node on local session'], [-121, 'No such watcher'],
  [-122, 'Request timeout'], [-123, 'Reconfig is disabled'], [-124, 'The session has been closed by server because server requires client to do authentication via configured authentication scheme'],
  [-125, 'Quota has exceeded'], [-127, 'Op throttled due to high load'],
]);

/** What the shell says instead of the code where it has words of its own (CliWrapperException). */
const shellTexts: ReadonlyMap<number, string> = new Map([
  [-8, 'Arguments are not valid : '], [-101, 'Node does not exist: '], [-102, 'Insufficient permission : '], [-103, 'version No is not valid : '],
  [-108, 'Ephemerals cannot have children: '], [-110, 'Node already exists: '], [-111, 'Node not empty: '], [-114, 'Acl is not valid : '],
  [-119, 'Not a read-only call: '], [-125, 'Quota has exceeded : '],
]);

/** An error that a ZooKeeper server answered, or that the connection gave. */
export class KeeperError extends Error {
  override readonly name = 'KeeperError';
  readonly code: number;
  readonly path: string | undefined;

  constructor(code: number, path?: string) {
    super(`KeeperErrorCode = ${codeTexts.get(code) ?? `Unknown error ${code}`}${path === undefined || path === '' ? '' : ` for ${path}`}`);
    this.code = code;
    this.path = path;
  }

  /** The line that the shell prints. */
  get shellText(): string {
    const text = shellTexts.get(this.code);
    return text === undefined ? this.message : `${text}${this.path ?? 'null'}`;
  }
}

/** A command that the shell cannot carry out; the message is printed as it is. */
export class ShellError extends Error {
  override readonly name = 'ShellError';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** @throws ShellError in the words of ZooKeeper's PathUtils */
export function checkPath(path: string): void {
  if (path.length === 0) throw new ShellError('Path length must be > 0');
  if (!path.startsWith('/')) throw new ShellError('Path must start with / character');
  if (path.length === 1) return;
  if (path.endsWith('/')) throw new ShellError('Path must not end with / character');
  for (let at = 1; at < path.length; at++) {
    const reason = faultAt(path, at);
    if (reason !== undefined) throw new ShellError(`Invalid path string "${path}" caused by ${reason} @${at}`);
  }
}

function faultAt(path: string, at: number): string | undefined {
  const code = path.charCodeAt(at);
  const isLastOfName = at + 1 === path.length || path[at + 1] === '/';
  if (code === 0) return 'null character not allowed';
  if (path[at] === '/' && path[at - 1] === '/') return 'empty node name specified';
  if (path[at] === '.' && isLastOfName && (path[at - 1] === '/' || (path[at - 1] === '.' && path[at - 2] === '/'))) return 'relative paths not allowed';
  if (code < 0x20 || (code > 0x7e && code < 0xa0) || (code >= 0xd800 && code <= 0xf8ff) || code >= 0xfff0) return 'invalid character';
  return undefined;
}
