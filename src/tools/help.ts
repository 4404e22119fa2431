import type { OptionDefinition, OptionTable } from './options.ts';

const widthTotal = 80;
const gap = 2;

/** The help block of Kafka's tools: two columns in 80 characters, options by name, continuation lines indented. */
export function helpText(definitions: OptionTable): string {
  const rows = definitions.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((definition) => [optionColumn(definition), descriptionColumn(definition)] as const);
  const widthOption = Math.min((widthTotal - gap) / 2, Math.max(...rows.map(([option]) => option.length), 'Option'.length));
  const widthDescription = Math.min(widthTotal - gap - widthOption, Math.max(...rows.map(([, description]) => description.length), 'Description'.length));
  const lines = [line('Option', 'Description', widthOption), line('------', '-----------', widthOption)];
  for (const [option, description] of rows) {
    const left = wrap(option, widthOption);
    const right = wrap(description, widthDescription);
    for (let index = 0; index < Math.max(left.length, right.length); index++) lines.push(line(left[index] ?? '', right[index] ?? '', widthOption));
  }
  return `${lines.join('\n')}\n`;
}

function optionColumn({ name, argument }: OptionDefinition): string {
  if (argument === undefined) return `--${name}`;
  const label = argument.label === undefined ? argument.type : `${argument.type}: ${argument.label}`;
  return argument.isOptional === true ? `--${name} [${label}]` : `--${name} <${label}>`;
}

function descriptionColumn({ description, argument }: OptionDefinition): string {
  return argument?.default === undefined ? description : `${description} (default: ${argument.default})`;
}

function line(left: string, right: string, widthOption: number): string {
  return `${left.padEnd(widthOption)}${' '.repeat(gap)}${right}`.trimEnd();
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let open = '';
  for (const word of text.split(' ').flatMap((piece) => pieces(piece, width - gap))) {
    const longer = open === '' ? word : `${open} ${word}`;
    if (longer.trimStart().length > 0 && longer.length > width && open !== '') {
      lines.push(open);
      open = `${' '.repeat(gap)}${word}`;
    } else {
      open = longer;
    }
  }
  return [...lines, open];
}

function pieces(word: string, width: number): string[] {
  const parts: string[] = [];
  for (let start = 0; start < word.length; start += width) parts.push(word.slice(start, start + width));
  return parts.length === 0 ? [''] : parts;
}
