import { MalformedZnode } from './json.ts';

/** The value of `SCRAM-SHA-256` or `SCRAM-SHA-512` in `/config/users/U`. */
export interface ScramCredential {
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
  readonly iterations: number;
}

export function encodeScramCredential({ salt, storedKey, serverKey, iterations }: ScramCredential): string {
  return `salt=${salt.toString('base64')},stored_key=${storedKey.toString('base64')},server_key=${serverKey.toString('base64')},iterations=${iterations}`;
}

/** @throws MalformedZnode; its message never holds the credential */
export function decodeScramCredential(text: string): ScramCredential {
  const fields = new Map(text.split(',').map((part) => {
    const equals = part.indexOf('=');
    return [part.slice(0, Math.max(equals, 0)), part.slice(equals + 1)];
  }));
  const bytes = (key: string): Buffer => {
    const value = fields.get(key);
    if (value === undefined) throw new MalformedZnode(`SCRAM credential has no ${key}`);
    return Buffer.from(value, 'base64');
  };
  const iterations = Number(fields.get('iterations'));
  if (fields.size !== 4 || !Number.isSafeInteger(iterations)) throw new MalformedZnode('SCRAM credential does not have its four fields');
  return { salt: bytes('salt'), storedKey: bytes('stored_key'), serverKey: bytes('server_key'), iterations };
}
