/**
 * Reads the text of a Java properties file: `key=value`, `key: value` or `key value`, `#` and `!` comments,
 * a backslash at the end of a line to go on, and the escapes \t \n \r \f \\ \uXXXX. A later key wins.
 */
export function parseProperties(text: string): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const line of logicalLines(text)) {
    const { key, value } = splitLine(line);
    properties[key] = value;
  }
  return properties;
}

function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let open: string | undefined;
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const line = natural.replace(/^[ \t\f]+/, '');
    if (open === undefined && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue;
    const whole: string = (open ?? '') + line;
    const backslashes = /\\*$/.exec(whole)![0].length;
    if (backslashes % 2 === 1) {
      open = whole.slice(0, -1);
      continue;
    }
    lines.push(whole);
    open = undefined;
  }
  if (open !== undefined) lines.push(open);
  return lines;
}

function splitLine(line: string): { key: string; value: string } {
  const found = /^((?:\\.|[^\\\s=:])*)[ \t\f]*(?:[=:][ \t\f]*)?(.*)$/s.exec(line)!;
  return { key: unescape(found[1]!), value: unescape(found[2]!) };
}

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescape(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code: string | undefined, character: string) =>
    code === undefined ? (escapes[character] ?? character) : String.fromCharCode(parseInt(code, 16)),
  );
}
