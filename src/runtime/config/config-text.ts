import type { Property } from './definition.ts';
import { splitList } from './definition.ts';

/**
 * A value as Kafka prints it (ConfigDef.convertToString): without the blanks and signs that its text may have.
 * @param text one that `parseProperty` takes
 */
export function configText({ type }: Pick<Property<unknown>, 'type'>, text: string): string {
  const trimmed = text.trim();
  switch (type) {
    case 'boolean':
      return trimmed.toLowerCase();
    case 'int':
    case 'short':
    case 'long':
      return BigInt(trimmed.replace(/^\+/, '')).toString();
    case 'double':
      return javaDouble(Number(trimmed));
    case 'list':
      return splitList(trimmed).join(',');
    case 'string':
    case 'class':
    case 'password':
      return trimmed;
  }
}

/** The default as Kafka prints it; undefined when there is none. */
export function defaultConfigText(definition: Property<unknown>): string | undefined {
  return definition.defaultText === undefined ? undefined : configText(definition, definition.defaultText);
}

/** Java's Double.toString: at least one digit after the point, and an exponent from 10^7 on and below 10^-3. */
function javaDouble(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e7)) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits, exponent] = value.toExponential().split('e');
  return `${digits!.includes('.') ? digits : `${digits}.0`}E${exponent!.replace('+', '')}`;
}
