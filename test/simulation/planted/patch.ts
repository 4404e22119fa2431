/** A classic fault, put into a copy of the source: `find` stands once in the file, and `replace` takes its place while the fault is planted. */
export interface Patch {
  readonly name: string;
  readonly changes: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
  /** It must be found within so many seeds, from 1 on. */
  readonly seedsMax: number;
  /** A seed that finds it with the source of today: tried first, to be quick. */
  readonly seed: number;
  /** Where it shows; `three-brokers` unless given. */
  readonly scenario?: string;
}
