import { ShellError } from './keeper-error.ts';

/** Options of one command by letter: whether each takes a value. */
export type OptionLetters = Readonly<Record<string, boolean>>;

export interface ParsedWords {
  /** The command and what is no option, in order. */
  readonly words: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
}

/** Splits a line of the interactive shell; quotes of either kind keep blanks. */
export function splitLine(line: string): string[] {
  return [...line.matchAll(/\s*([^"'\s]\S*|"[^"]*"|'[^']*')\s*/g)].map(([, word = '']) => {
    const quoted = /^(["'])(.*)\1$/s.exec(word);
    return quoted?.[2] ?? word;
  });
}

/**
 * Sorts options from words, which may stand anywhere; `-sw` is `-s -w`, `--` ends the options.
 *
 * @throws ShellError in the words of commons-cli
 */
export function parseWords(words: readonly string[], letters: OptionLetters): ParsedWords {
  const rest: string[] = [];
  const flags = new Set<string>();
  const values = new Map<string, string>();
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string;
    if (word === '--') {
      rest.push(...words.slice(index + 1));
      break;
    }
    if (index === 0 || !word.startsWith('-') || word === '-') {
      rest.push(word);
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] as string;
      if (!Object.hasOwn(letters, letter)) throw new ShellError(`org.apache.commons.cli.UnrecognizedOptionException: Unrecognized option: ${at === 1 ? word : `-${letter}`}`);
      if (letters[letter] !== true) {
        flags.add(letter);
        continue;
      }
      const value = at + 1 < word.length ? word.slice(at + 1) : words[++index];
      if (value === undefined || (value.length === 2 && value.startsWith('-') && Object.hasOwn(letters, value[1] as string))) {
        throw new ShellError(`org.apache.commons.cli.MissingArgumentException: Missing argument for option: ${letter}`);
      }
      values.set(letter, value);
      break;
    }
  }
  return { words: rest, flags, values };
}

/** @throws ShellError */
export function integerOf(text: string, otherwise: string): number {
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(Number(text))) throw new ShellError(otherwise);
  return Number(text);
}
