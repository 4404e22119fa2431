/** The only source of chance. The simulator's is seeded, so that a run can be replayed. */
export interface Random {
  /** A whole number in [0, bound), bound in [1, 2^31]. */
  integer(bound: number): number;
  /** Bytes fit for ids, salts and secrets. */
  bytes(length: number): Buffer;
}
