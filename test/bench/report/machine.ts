import { execFileSync, spawnSync } from 'node:child_process';
import os from 'node:os';
import process from 'node:process';

/** What the figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly kernel: string;
  readonly node: string;
  /** Undefined where there is none. */
  readonly jdk?: string;
}

export function thisMachine(): Machine {
  const [first] = os.cpus();
  const jdk = /version "([^"]+)"/.exec(spawnSync('java', ['-version'], { encoding: 'utf8' }).stderr ?? '')?.[1];
  return {
    cpu: first?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    memoryGB: Math.round(os.totalmem() / 1e9),
    kernel: `${os.type()} ${os.release()}`,
    node: process.version,
    ...(jdk === undefined ? {} : { jdk }),
  };
}

/** The short id of the checked-out commit, `+` behind it when src differs; 'unknown' outside of a repository. */
export function commitOf(folder: string): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', ':/src') === '' ? '' : '+'}`;
  } catch {
    return 'unknown';
  }
}
