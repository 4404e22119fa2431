/** Printed behind `Error: ` on standard output, exit code 1. */
export class ReassignError extends Error {
  override readonly name = 'ReassignError';
}

/** Printed as it is on standard output, exit code 1. */
export class TerseError extends Error {
  override readonly name = 'TerseError';
}
