import net from 'node:net';

const connectingAtOnce = 32;

/** Connections that say nothing. @returns closes them */
export async function openIdle(port: number, count: number): Promise<() => void> {
  const sockets: net.Socket[] = [];
  const openNext = async (): Promise<void> => {
    while (sockets.length < count) {
      const socket = net.connect({ host: '127.0.0.1', port });
      sockets.push(socket);
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    }
  };
  await Promise.all(Array.from({ length: connectingAtOnce }, openNext));
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}
