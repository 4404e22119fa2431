/*
 * The optional native packages. Each is imported by `initialiseCodecs` and never at module load, since that costs start-up
 * time; until then, and where a package is not installed, the plain TypeScript versions do the work. `import()` of a package
 * that stays external works the same in ES modules and in a CommonJS bundle, where it becomes a `require`.
 */

/** `snappy`: raw blocks. */
export interface NativeSnappy {
  compressSync(bytes: Uint8Array): Buffer;
  uncompressSync(bytes: Uint8Array, options: { asBuffer: true }): Buffer;
}

/** `lz4-napi`: raw blocks behind a four-byte little-endian plain size; whole frames, without a bound of its own. */
export interface NativeLz4 {
  compressSync(bytes: Buffer): Buffer;
  decompressFrameSync(bytes: Buffer): Buffer;
}

/** Whole zstd frames; the output of `decompress` is never longer than `capacityBytes`. */
export interface Zstd {
  compress(bytes: Buffer, level: number): Buffer;
  decompress(bytes: Buffer, capacityBytes: number): Buffer;
}

export interface Natives {
  snappy: NativeSnappy | undefined;
  lz4: NativeLz4 | undefined;
  zstd: Zstd | undefined;
}

/** What compression uses now. */
export const natives: Natives = { snappy: undefined, lz4: undefined, zstd: undefined };

export type NativeName = keyof Natives;

/** Packages that are to be loaded when they are first missed, and how; empty unless `loadCodecsOnDemand` was called. */
export const onDemand: Partial<Record<NativeName, () => void>> = {};

/** Called where a package is missing: starts to load it, once. True while it may still come. */
export function missNative(name: NativeName): boolean {
  const load = onDemand[name];
  load?.();
  return load !== undefined;
}
