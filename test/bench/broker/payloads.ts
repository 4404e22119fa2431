import fs from 'node:fs';

const kinds = ['page_view', 'add_to_cart', 'checkout', 'search', 'sign_in', 'refund'];
const words = ['alpine', 'lantern', 'harbour', 'copper', 'meadow', 'granite', 'willow', 'ember', 'compass', 'orchard', 'velvet', 'summit'];
const lines = 2000;

/**
 * Writes lines of exactly `bytes` characters that look like events in JSON, the same ones each time: what a codec is meant
 * for, and cheaper for the program that sends them than random bytes made for each record.
 *
 * @returns the path of the file
 */
export function writePayloads(file: string, bytes: number): string {
  let state = 1;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const line = (): string => {
    let text = `{"id":${next(1e9)},"kind":"${kinds[next(kinds.length)]}","at":${1_700_000_000_000 + next(1e9)},"tags":"`;
    while (text.length < bytes) text += `${words[next(words.length)]}-${next(1e6)} `;
    return `${text.slice(0, bytes - 2)}"}`;
  };
  fs.writeFileSync(file, Array.from({ length: lines }, line).join('\n'));
  return file;
}
