/** Mixed into the seed, so that a session id alone does not show how it grows into a password (ZooKeeperServer). */
const passwordSalt = 0xb3415c00n;
const mask48 = (1n << 48n) - 1n;

/**
 * The password that ZooKeeper gives to a session: 16 bytes of java.util.Random seeded with its id. With the same rule a
 * client takes its session from one implementation to the other.
 *
 * @param sessionId 16 hexadecimal digits
 */
export function sessionPassword(sessionId: string): Buffer {
  let seed = ((BigInt(`0x${sessionId}`) ^ passwordSalt) ^ 0x5deece66dn) & mask48;
  const password = Buffer.allocUnsafe(16);
  for (let at = 0; at < 16; at += 4) {
    seed = (seed * 0x5deece66dn + 0xbn) & mask48;
    password.writeUInt32LE(Number(seed >> 16n), at);
  }
  return password;
}

/** Byte 7 is the server's id (1 in standalone), bytes 6 to 2 a time, the rest counts (SessionTrackerImpl). */
export function firstSessionId(nowMs: number): bigint {
  return (1n << 56n) | ((BigInt(Math.floor(nowMs)) & 0xff_ffff_ffffn) << 16n);
}

export function formatSessionId(id: bigint): string {
  return BigInt.asUintN(64, id).toString(16).padStart(16, '0');
}

/** As ZooKeeper prints it: `0x` and no leading zeros. */
export function displaySessionId(sessionId: string): string {
  return `0x${sessionId.replace(/^0+(?=.)/, '')}`;
}
