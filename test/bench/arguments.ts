/** What `npm run bench -- …` was asked for. */
export interface Wanted {
  readonly names: readonly string[];
  readonly rounds: number;
  readonly isQuick: boolean;
  readonly minutes: number | undefined;
  /** Folder for the results; undefined: none are kept. */
  readonly out: string | undefined;
}

const usualRounds = 5;
const quickRounds = 2;

/** Names of benches. */
export interface Names {
  readonly all: readonly string[];
  /** Those that run when none is named. */
  readonly usual: readonly string[];
  /** The same with `--quick`. */
  readonly quick: readonly string[];
}

/**
 * @param usualOut where results go when nobody says otherwise; a quick run keeps none then
 * @throws {Error} naming what can be given instead
 */
export function readArguments(args: readonly string[], { all, usual, quick }: Names, usualOut: string): Wanted {
  const names: string[] = [];
  let rounds: number | undefined;
  let minutes: number | undefined;
  let isQuick = false;
  let out: string | undefined;
  for (let index = 0; index < args.length; index++) {
    const argument = args[index]!;
    if (argument === '--quick') isQuick = true;
    else if (argument === '--rounds') rounds = roundsOf(args[++index]);
    else if (argument === '--minutes') minutes = minutesOf(args[++index]);
    else if (argument === '--out') {
      out = args[++index];
      if (out === undefined) throw new Error('--out wants a folder');
    } else if (all.includes(argument)) names.push(argument);
    else throw new Error(`${argument} is neither a bench nor --rounds N, --minutes N, --quick or --out FOLDER. The benches are: ${all.join(', ')}`);
  }
  return {
    names: names.length > 0 ? names : isQuick ? quick : usual,
    rounds: rounds ?? (isQuick ? quickRounds : usualRounds),
    isQuick,
    minutes,
    out: out ?? (isQuick ? undefined : usualOut),
  };
}

function roundsOf(text: string | undefined): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds wants a whole number from 1 on, not ${text}`);
  return rounds;
}

function minutesOf(text: string | undefined): number {
  const minutes = Number(text);
  if (!(minutes > 0 && Number.isFinite(minutes))) throw new Error(`--minutes wants a number above 0, not ${text}`);
  return minutes;
}
