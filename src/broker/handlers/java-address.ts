const mappedPrefix = '::ffff:';

/** An address as Java's InetAddress.toString gives it when no name is known: `/127.0.0.1`, `/0:0:0:0:0:0:0:1`. */
export function javaAddress(address: string): string {
  if (address.toLowerCase().startsWith(mappedPrefix) && address.includes('.')) return `/${address.slice(mappedPrefix.length)}`;
  if (!address.includes(':')) return `/${address}`;
  const [withoutZone = '', zone] = address.split('%');
  const [head = '', tail] = withoutZone.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - first.length - last.length }, () => '0');
  return `/${[...first, ...zeros, ...last].join(':')}${zone === undefined ? '' : `%${zone}`}`;
}
