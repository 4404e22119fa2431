/** What `npm run bench -- …` was asked for. */
export interface Wanted {
  readonly names: readonly string[];
  readonly rounds: number;
  readonly isQuick: boolean;
  /** Folder for the results; undefined: none are kept. */
  readonly out: string | undefined;
}

const usualRounds = 5;
const quickRounds = 2;

/**
 * @param known names of all benches, `quick` of those that `--quick` runs when none is named
 * @param usualOut where results go when nobody says otherwise; a quick run keeps none then
 * @throws {Error} naming what can be given instead
 */
export function readArguments(args: readonly string[], known: readonly string[], quick: readonly string[], usualOut: string): Wanted {
  const names: string[] = [];
  let rounds: number | undefined;
  let isQuick = false;
  let out: string | undefined;
  for (let index = 0; index < args.length; index++) {
    const argument = args[index]!;
    if (argument === '--quick') isQuick = true;
    else if (argument === '--rounds') rounds = roundsOf(args[++index]);
    else if (argument === '--out') {
      out = args[++index];
      if (out === undefined) throw new Error('--out wants a folder');
    } else if (known.includes(argument)) names.push(argument);
    else throw new Error(`${argument} is neither a bench nor --rounds N, --quick or --out FOLDER. The benches are: ${known.join(', ')}`);
  }
  return {
    names: names.length > 0 ? names : isQuick ? quick : known,
    rounds: rounds ?? (isQuick ? quickRounds : usualRounds),
    isQuick,
    out: out ?? (isQuick ? undefined : usualOut),
  };
}

function roundsOf(text: string | undefined): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds wants a whole number from 1 on, not ${text}`);
  return rounds;
}
