import { CommandFailure } from './failure.ts';

const datePattern = /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)\.(\d{1,3})(Z|[+-]\d\d(?::?\d\d)?)$/;

/** `2026-11-21T12:00:00.000`, a zone behind it or UTC, in milliseconds. @throws CommandFailure */
export function parseDateTime(text: string): number {
  const time = text.split('T')[1];
  if (time === undefined || time === '') throw new CommandFailure("java.text.ParseException: Error parsing timestamp. It does not contain a 'T' according to ISO8601 format");
  const whole = /[+\-Z]/.test(time) ? text : `${text}Z`;
  const found = datePattern.exec(whole);
  if (found === null) throw new CommandFailure(`java.text.ParseException: Unparseable date: "${whole}"`);
  const [, year, month, day, hours, minutes, seconds, millis, zone = 'Z'] = found;
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hours), Number(minutes), Number(seconds), Number(millis)) - zoneMs(zone);
}

function zoneMs(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', '') || 0);
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

const durationPattern = /^([-+]?)P(?:([-+]?\d+)D)?(T(?:([-+]?\d+)H)?(?:([-+]?\d+)M)?(?:([-+]?\d+)(?:[.,](\d{0,9}))?S)?)?$/i;

/** ISO 8601, `P1DT2H`, as java.time.Duration reads it, in milliseconds. @throws CommandFailure */
export function parseDuration(text: string): number {
  const found = durationPattern.exec(text);
  const [, sign = '', days, time, hours, minutes, seconds, fraction = ''] = found ?? [];
  if (found === null || time?.toUpperCase() === 'T' || [days, hours, minutes, seconds].every((part) => part === undefined)) throw new CommandFailure('Text cannot be parsed to a Duration');
  const number = (part: string | undefined): number => Number(part ?? 0);
  const fractionMs = Math.trunc(Number(fraction.padEnd(9, '0')) / 1e6) * (seconds?.startsWith('-') === true ? -1 : 1);
  const size = number(days) * 86_400_000 + number(hours) * 3_600_000 + number(minutes) * 60_000 + number(seconds) * 1000 + fractionMs;
  return sign === '-' ? -size : size;
}
