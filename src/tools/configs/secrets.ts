import { createCipheriv, createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import type { Random } from '../../runtime/random.ts';
import { encodeScramCredential } from '../../zookeeper/znodes/scram-credential.ts';
import { ConfigsError } from './options.ts';

export const scramMechanisms: readonly string[] = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];

/** As Java's enum is printed. */
export const enumName = (mechanism: string): string => mechanism.replaceAll('-', '_');

const iterationsDefault = 4096;
const iterationsMin = 4096;

/**
 * `iterations=N,password=…` as ConfigCommand takes it.
 * @param told the mechanism as it is told where there are too few iterations
 * @throws ConfigsError
 */
export function scramSecret(mechanism: string, text: string, told = mechanism): { password: string; iterations: number } {
  const found = /^(?:iterations=(-?[0-9]*),)?password=(.*)$/s.exec(text);
  if (found === null) throw new ConfigsError(`Invalid credential property ${enumName(mechanism)}=${text}`);
  const iterations = found[1] === undefined || found[1] === '-1' ? iterationsDefault : Number(found[1]);
  if (iterations < iterationsMin) throw new ConfigsError(`Iterations ${iterations} is less than the minimum ${iterationsMin} required for ${told}`);
  return { password: found[2]!, iterations };
}

/** What is stored of a password (RFC 5802). */
export function scramCredential(mechanism: string, { password, iterations }: { readonly password: string; readonly iterations: number }, random: Random): string {
  const digest = mechanism === 'SCRAM-SHA-512' ? 'sha512' : 'sha256';
  const salt = Buffer.from(BigInt(`0x${random.bytes(17).toString('hex')}`).toString(36));
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, createHash(digest).digest().length, digest);
  const keyed = (text: string): Buffer => createHmac(digest, salted).update(text).digest();
  const storedKey = createHash(digest).update(keyed('Client Key')).digest();
  return encodeScramCredential({ salt, storedKey, serverKey: keyed('Server Key'), iterations });
}

const encoder = 'password.encoder.';
const blockBytes = 16;
const saltBytes = 256;
const digests: Readonly<Record<string, string>> = { PBKDF2WithHmacSHA512: 'sha512', PBKDF2WithHmacSHA256: 'sha256', PBKDF2WithHmacSHA1: 'sha1' };

/** Password configs of brokers as Kafka stores them: encrypted with `password.encoder.secret` (KIP-226). @throws ConfigsError */
export function encryptedPassword(password: string, settings: ReadonlyMap<string, string>, random: Random): string {
  const setting = (name: string, otherwise: string): string => settings.get(encoder + name) ?? otherwise;
  const secret = setting('secret', '');
  const cipherAlgorithm = setting('cipher.algorithm', 'AES/CBC/PKCS5Padding');
  const keyFactoryAlgorithm = setting('keyfactory.algorithm', 'PBKDF2WithHmacSHA512');
  const keyLength = Number(setting('key.length', '128'));
  const iterations = Number(setting('iterations', '4096'));
  const digest = digests[keyFactoryAlgorithm];
  if (cipherAlgorithm !== 'AES/CBC/PKCS5Padding' || digest === undefined || ![128, 192, 256].includes(keyLength)) {
    throw new ConfigsError(`Passwords cannot be encrypted here with ${cipherAlgorithm}, ${keyFactoryAlgorithm} and keys of ${keyLength} bits`);
  }
  const [salt, vector] = [random.bytes(saltBytes), random.bytes(blockBytes)];
  const cipher = createCipheriv(`aes-${keyLength}-cbc`, pbkdf2Sync(secret, salt, iterations, keyLength / 8, digest), vector);
  const encrypted = Buffer.concat([cipher.update(password, 'utf8'), cipher.final()]);
  const fields = {
    initializationVector: vector.toString('base64'), keyLength, salt: salt.toString('base64'), keyFactoryAlgorithm, cipherAlgorithm, iterations,
    passwordLength: password.length, encryptedPassword: encrypted.toString('base64'),
  };
  return Object.entries(fields).map(([name, value]) => `${name}:${value}`).join(',');
}
