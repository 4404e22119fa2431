/** Text as argparse4j sets it: lines of at most 75 characters, filled up with blanks in their middle. */
const lineLength = 75;

/** A piece that stays whole, and the blanks behind it; a line may end behind a hyphen too. */
interface Piece {
  readonly text: string;
  readonly blanks: number;
}

function piecesOf(text: string): Piece[] {
  return Array.from(text.matchAll(/(\S+?-(?=[A-Za-z])|\S+)( *)/g), ([, piece, blanks]) => ({ text: piece!, blanks: blanks!.length }));
}

/**
 * @param first what stands before the text in its first line; it counts as part of it
 * @param indent of the lines after the first
 */
export function justified(text: string, indent: number, first = ' '.repeat(indent)): string {
  const lines: string[] = [];
  let line: Piece[] = [];
  let lead = first;
  const width = (pieces: readonly Piece[]): number => pieces.reduce((sum, { text: piece, blanks }, index) => sum + piece.length + (index < pieces.length - 1 ? blanks : 0), lead.length);
  for (const piece of piecesOf(text)) {
    if (line.length > 0 && width([...line, piece]) + piece.blanks > lineLength) {
      lines.push(lead + filled(line, lineLength - width(line)));
      lead = ' '.repeat(indent);
      line = [];
    }
    line.push(piece);
  }
  lines.push(lead + filled(line, 0));
  return lines.join('\n');
}

/** Blanks are shared out evenly; what is left of them goes to the gaps in the middle. */
function filled(pieces: readonly Piece[], missing: number): string {
  const gaps = pieces.slice(0, -1).filter(({ blanks }) => blanks > 0).length;
  if (gaps === 0) return pieces.map(({ text }) => text).join('');
  const each = Math.floor(missing / gaps);
  const rest = missing % gaps;
  const from = Math.ceil((gaps - rest) / 2);
  let gap = -1;
  return pieces
    .map(({ text, blanks }, index) => {
      if (index === pieces.length - 1) return text;
      if (blanks === 0) return text;
      gap++;
      return text + ' '.repeat(blanks + each + (gap >= from && gap < from + rest ? 1 : 0));
    })
    .join('');
}
