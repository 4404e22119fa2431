import type { JuteReader } from '../../zookeeper-server/jute.ts';

/** What the shell prints of a node's stat. */
export interface ShellStat {
  readonly createdZxid: number;
  readonly modifiedZxid: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly dataVersion: number;
  readonly childrenVersion: number;
  readonly aclVersion: number;
  /** 16 hexadecimal digits. */
  readonly ephemeralOwner: string;
  readonly dataLength: number;
  readonly childrenCount: number;
  readonly childrenZxid: number;
}

export function readShellStat(reader: JuteReader): ShellStat {
  return {
    createdZxid: reader.long(),
    modifiedZxid: reader.long(),
    createdMs: reader.long(),
    modifiedMs: reader.long(),
    dataVersion: reader.int(),
    childrenVersion: reader.int(),
    aclVersion: reader.int(),
    ephemeralOwner: reader.hexLong(),
    dataLength: reader.int(),
    childrenCount: reader.int(),
    childrenZxid: reader.long(),
  };
}

export function statText(stat: ShellStat): string {
  return [
    `cZxid = 0x${stat.createdZxid.toString(16)}`,
    `ctime = ${javaDate(stat.createdMs)}`,
    `mZxid = 0x${stat.modifiedZxid.toString(16)}`,
    `mtime = ${javaDate(stat.modifiedMs)}`,
    `pZxid = 0x${stat.childrenZxid.toString(16)}`,
    `cversion = ${stat.childrenVersion}`,
    `dataVersion = ${stat.dataVersion}`,
    `aclVersion = ${stat.aclVersion}`,
    `ephemeralOwner = 0x${stat.ephemeralOwner.replace(/^0+(?=.)/, '')}`,
    `dataLength = ${stat.dataLength}`,
    `numChildren = ${stat.childrenCount}`,
  ].map((line) => `${line}\n`).join('');
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As java.util.Date prints itself: `Sat Nov 21 02:54:45 UTC 2026`, in the zone of this machine. */
function javaDate(timeMs: number): string {
  const date = new Date(timeMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  const zone = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date).find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';
  return `${weekdays[date.getDay()]} ${months[date.getMonth()]} ${two(date.getDate())} ${time} ${zone} ${date.getFullYear()}`;
}
