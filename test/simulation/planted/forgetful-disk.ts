import type { Disk, DiskFile } from '../../../src/runtime/disk.ts';
import type { SimulatedDisk } from '../world/disk.ts';

/**
 * A planted fault: a disk that takes back the last write to a log segment when the process that made it dies, as if the
 * system call had answered before the bytes were anywhere. What was acknowledged for that write is lost.
 */
export function forgetfulDisk(disk: SimulatedDisk): SimulatedDisk {
  const mountedBehind = new Map<Disk, Disk>();
  const lastWrites = new Map<Disk, { readonly path: string; readonly sizeBytes: number }>();
  return {
    ...disk,
    mount(owner) {
      const mounted = disk.mount(owner);
      const wrapped: Disk = {
        ...mounted,
        openSync(path, mode) {
          const file = mounted.openSync(path, mode);
          return path.endsWith('.log') ? remembering(file, (sizeBytes) => lastWrites.set(wrapped, { path: file.path, sizeBytes })) : file;
        },
      };
      mountedBehind.set(wrapped, mounted);
      return wrapped;
    },
    unmount(wrapped) {
      const mounted = mountedBehind.get(wrapped);
      if (mounted !== undefined) disk.unmount(mounted);
      const last = lastWrites.get(wrapped);
      if (last === undefined) return;
      const thief = disk.mount({ isAlive: () => true, die: () => undefined, stall: () => undefined });
      if (thief.existsSync(last.path)) thief.openSync(last.path, 'write').truncateSync(last.sizeBytes);
    },
  };
}

function remembering(file: DiskFile, wrote: (sizeBytesBefore: number) => void): DiskFile {
  return {
    get path() {
      return file.path;
    },
    descriptor: file.descriptor,
    sizeSync: () => file.sizeSync(),
    readSync: (target, targetStart, length, position) => file.readSync(target, targetStart, length, position),
    read: (target, targetStart, length, position) => file.read(target, targetStart, length, position),
    readCachedSync: (target, targetStart, length, position) => file.readCachedSync(target, targetStart, length, position),
    isCachedSync: (position, length) => file.isCachedSync(position, length),
    writeSync(chunks, position) {
      wrote(file.sizeSync());
      file.writeSync(chunks, position);
    },
    allocate: (position, length) => file.allocate(position, length),
    truncateSync: (sizeBytes) => file.truncateSync(sizeBytes),
    syncSync: () => file.syncSync(),
    sync: () => file.sync(),
    renamedTo: (path) => file.renamedTo(path),
    hold: () => file.hold(),
    closeSync: () => file.closeSync(),
  };
}
