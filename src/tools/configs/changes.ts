import { parseProperties } from '../../runtime/config/properties-file.ts';
import type { ParsedOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { ConfigsError } from './options.ts';

export interface Changes {
  readonly added: ReadonlyMap<string, string>;
  readonly deleted: readonly string[];
}

/** --add-config, --add-config-file and --delete-config. @throws ConfigsError */
export function changesOf(options: ParsedOptions, terminal: Terminal): Changes {
  const file = options.value('add-config-file');
  const added = new Map(Object.entries(file === undefined ? {} : parseProperties(terminal.readFile(file).toString())));
  const text = options.value('add-config');
  if (text !== undefined) for (const [key, value] of parsePairs(text)) added.set(key, value);
  const wrong = [...added.keys()].find((key) => !/^[a-zA-Z0-9._-]*$/.test(key));
  if (wrong !== undefined) throw new ConfigsError(`Invalid character found for config key: ${wrong}`);
  return { added, deleted: options.values('delete-config').flatMap((names) => names.split(',')).map((name) => name.trim()) };
}

/** `k1=v1,k2=[a,b]`: commas between brackets belong to the value. */
function parsePairs(text: string): (readonly [string, string])[] {
  // Behind a bracket a comma may or may not follow; the text is cut at commas outside of brackets.
  const pairs = text.split(/,(?![^[\]]*\])/).filter((part) => part.trim() !== '');
  return pairs.map((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 0) throw new ConfigsError('requirement failed: Invalid entity config: all configs to be added must be in the format "key=val".');
    return [pair.slice(0, equals).trim(), pair.slice(equals + 1).replaceAll(/[[\]]/g, '').trim()] as const;
  });
}
