import { compareText } from './assignor.ts';

/** Members by how much they have, then by id. Take one out before what it has changes, and put it back afterwards. */
export interface SortedMembers extends Iterable<string> {
  first(): string;
  last(): string;
  find(isWanted: (memberId: string) => boolean): string | undefined;
  add(memberId: string): void;
  addAll(memberIds: Iterable<string>): void;
  remove(memberId: string): void;
}

export function sortedMembers(sizeOf: (memberId: string) => number): SortedMembers {
  const members: string[] = [];
  const compare = (a: string, b: string): number => sizeOf(a) - sizeOf(b) || compareText(a, b);

  /** Where the member stands, or belongs. */
  function place(memberId: string): number {
    let low = 0;
    let high = members.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(members[middle]!, memberId) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function add(memberId: string): void {
    members.splice(place(memberId), 0, memberId);
  }

  return {
    [Symbol.iterator]: () => members[Symbol.iterator](),
    first: () => members[0]!,
    last: () => members.at(-1)!,
    find: (isWanted) => members.find(isWanted),
    add,
    addAll(memberIds) {
      for (const memberId of memberIds) add(memberId);
    },
    remove(memberId) {
      const index = place(memberId);
      if (members[index] === memberId) members.splice(index, 1);
    },
  };
}
