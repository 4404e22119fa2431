import { bool, string } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** DefaultPrincipalData, versions 0 to 0, flexible from 0. */
export const defaultPrincipalData = message('DefaultPrincipalData', { versions: [0, 0], flexibleSince: 0 }, {
  type: string(),
  name: string(),
  tokenAuthenticated: bool(),
});
export type DefaultPrincipalData = Decoded<typeof defaultPrincipalData>;
export type DefaultPrincipalDataInput = Input<typeof defaultPrincipalData>;
