const parts: Readonly<Record<string, (date: Date) => number>> = {
  y: (date) => date.getFullYear(),
  M: (date) => date.getMonth() + 1,
  d: (date) => date.getDate(),
  H: (date) => date.getHours(),
  h: (date) => date.getHours() % 12 || 12,
  m: (date) => date.getMinutes(),
  s: (date) => date.getSeconds(),
  S: (date) => date.getMilliseconds(),
};

/** A time in the letters of Java's SimpleDateFormat for numbers, in the zone of this machine; text stands in quotes. */
export function formatDate(pattern: string, date: Date): string {
  return pattern.replaceAll(/'((?:[^']|'')*)'|([a-zA-Z])\2*/g, (run: string, quoted: string | undefined, letter: string | undefined) => {
    if (quoted !== undefined) return quoted === '' ? "'" : quoted.replaceAll("''", "'");
    const part = parts[letter!];
    if (part === undefined) throw new RangeError(`Illegal pattern character '${letter}'`);
    const text = String(part(date)).padStart(run.length, '0');
    return run === 'yy' ? text.slice(-2) : text;
  });
}
