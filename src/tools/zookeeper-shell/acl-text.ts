import type { Acl, AclEntry } from '../../zookeeper-server/acl.ts';

const letters: readonly (readonly [string, number])[] = [['c', 4], ['d', 8], ['r', 1], ['w', 2], ['a', 16]];

/**
 * Reads `scheme:id:perms,…`; a comma inside an id is written `\,`.
 *
 * @param complain gets a line for each part that is wrong; such a part is left out
 */
export function parseAcl(text: string, complain: (line: string) => void): Acl {
  const acl: AclEntry[] = [];
  for (const part of text.split(/(?<!\\),/).map((each) => each.replaceAll('\\,', ','))) {
    const first = part.indexOf(':');
    const last = part.lastIndexOf(':');
    if (first === last) {
      complain(`${part} does not have the form scheme:id:perm`);
      continue;
    }
    acl.push({ scheme: part.slice(0, first), id: part.slice(first + 1, last), permissions: permissionsOf(part.slice(last + 1), complain) });
  }
  return acl;
}

function permissionsOf(text: string, complain: (line: string) => void): number {
  let bits = 0;
  for (const character of text) {
    const bit = letters.find(([letter]) => letter === character)?.[1];
    if (bit === undefined) complain(`Unknown perm type: ${character}`);
    else bits |= bit;
  }
  return bits;
}

/** As Java prints an Id, which ends its line, and then the permissions. */
export function aclText(acl: Acl): string {
  return acl.map(({ scheme, id, permissions }) => `'${scheme},'${id}\n: ${letters.filter(([, bit]) => (permissions & bit) !== 0).map(([letter]) => letter).join('')}\n`).join('');
}
