import zlib from 'node:zlib';
import { useNativeCrc32c } from './crc32c.ts';
import type { NativeCrc32c } from './crc32c.ts';
import { natives, onDemand } from './natives.ts';
import type { NativeLz4, NativeName, NativeSnappy, Zstd } from './natives.ts';

/** Which implementation of an algorithm is in use: a package's name, 'node:zlib', 'typescript', or 'none'. */
export interface CodecChoice {
  readonly algorithm: 'crc32c' | 'snappy' | 'lz4' | 'zstd';
  readonly implementation: string;
}

/** Node's own zstd, absent before 22.15. */
interface NodeZstd {
  readonly zstdCompressSync?: (bytes: Buffer, options: { params: Record<number, number> }) => Buffer;
  readonly zstdDecompressSync?: (bytes: Buffer, options: { maxOutputLength: number }) => Buffer;
}

/**
 * Loads the optional packages, once, at the start of a broker or a client. Before it, all codecs but zstd work too, in plain
 * TypeScript. Never rejects: a package that does not load is passed over.
 *
 * @param wanted algorithms to load packages for; loading each takes some 20 ms
 * @returns what is used, for one log line
 */
export async function initialiseCodecs(wanted: readonly CodecChoice['algorithm'][] = ['crc32c', 'snappy', 'lz4', 'zstd']): Promise<CodecChoice[]> {
  return Promise.all(wanted.map(async (algorithm) => ({ algorithm, implementation: (await load(algorithm)) ?? 'typescript' })));
}

/**
 * Loads the packages of these codecs when one is first needed, in the background: each takes 6 to 9 MB that a broker which
 * only stores batches never needs. Until then plain TypeScript does the work; zstd, which has none, fails with a retriable error.
 *
 * @param loaded told once for each that was loaded, for a log line
 */
export function loadCodecsOnDemand(loaded: (choice: CodecChoice) => void): void {
  for (const algorithm of ['snappy', 'lz4', 'zstd'] as const satisfies readonly NativeName[]) {
    let isLoading = false;
    onDemand[algorithm] = () => {
      if (isLoading) return;
      isLoading = true;
      void initialiseCodecs([algorithm]).then(([choice]) => {
        delete onDemand[algorithm];
        if (choice !== undefined) loaded(choice);
      });
    };
  }
}

/** Takes all native implementations out again. For tests, and for the simulator, whose runs must not depend on packages. */
export function dropNativeCodecs(): void {
  useNativeCrc32c(undefined);
  natives.snappy = undefined;
  natives.lz4 = undefined;
  natives.zstd = undefined;
}

async function load(algorithm: CodecChoice['algorithm']): Promise<string | undefined> {
  try {
    return await loaders[algorithm]();
  } catch {
    return algorithm === 'zstd' ? 'none' : undefined; // not installed, or not for this platform
  }
}

/** A name in a variable: where the package is not installed, neither the compiler nor the bundler asks for it. */
async function importPackage<T>(name: string): Promise<T> {
  return (await import(name)) as T;
}

interface ZstdWasm {
  init(): Promise<void>;
  compress(bytes: Uint8Array, level: number): Uint8Array;
  decompress(bytes: Uint8Array, options: { defaultHeapSize: number }): Uint8Array;
}

/**
 * A second `init` would replace the module's memory at some later moment, under the feet of its users: once in a process,
 * though this file may be in it twice (two versions of the library, or a patched copy under test).
 */
const zstdWasmKey = Symbol.for('ottla.zstd-wasm');
const shared = globalThis as { [zstdWasmKey]?: Promise<ZstdWasm> };

const loaders: Readonly<Record<CodecChoice['algorithm'], () => Promise<string>>> = {
  async crc32c() {
    const { crc32c } = await importPackage<{ crc32c: NativeCrc32c }>('@node-rs/crc32');
    if (crc32c(Buffer.from('123456789')) !== 0xe306_9283) throw new Error('@node-rs/crc32 computes a wrong checksum');
    useNativeCrc32c(crc32c);
    return '@node-rs/crc32';
  },
  async snappy() {
    natives.snappy = await importPackage<NativeSnappy>('snappy');
    return 'snappy';
  },
  async lz4() {
    natives.lz4 = await importPackage<NativeLz4>('lz4-napi');
    return 'lz4-napi';
  },
  async zstd() {
    const fromNode = nodeZstd(zlib as NodeZstd);
    if (fromNode !== undefined) {
      natives.zstd = fromNode;
      return 'node:zlib';
    }
    shared[zstdWasmKey] ??= importPackage<ZstdWasm>('@bokuweb/zstd-wasm').then(async (loaded) => {
      await loaded.init();
      return loaded;
    });
    const wasm = await shared[zstdWasmKey].catch((error: unknown) => {
      delete shared[zstdWasmKey]; // where another copy of this file stands, the package may be found
      throw error;
    });
    natives.zstd = {
      compress: (bytes, level) => view(wasm.compress(bytes, level)),
      decompress: (bytes, capacityBytes) => view(wasm.decompress(bytes, { defaultHeapSize: Math.max(1, capacityBytes) })),
    };
    return '@bokuweb/zstd-wasm';
  },
};

function nodeZstd({ zstdCompressSync, zstdDecompressSync }: NodeZstd): Zstd | undefined {
  if (zstdCompressSync === undefined || zstdDecompressSync === undefined) return undefined;
  const compressionLevelParameter = 100; // ZSTD_c_compressionLevel
  return {
    compress: (bytes, level) => zstdCompressSync(bytes, { params: { [compressionLevelParameter]: level } }),
    decompress: (bytes, capacityBytes) => zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, capacityBytes) }),
  };
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
