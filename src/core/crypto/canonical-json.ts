/**
 * JSON in one form only (RFC 8785, JCS): keys in the order of their UTF-16 units, no white space, numbers as
 * ECMAScript writes them. What is hashed and signed is this text, so that anybody can make the same bytes
 * from the same value.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Values of records: what is undefined is left out, as JSON.stringify does. */
export type JsonRecord = { readonly [key: string]: Json | undefined };

/** Throws TypeError for what JSON cannot say (NaN, infinities, functions): that is a mistake of ours. */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(wellFormed(value));
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError('a number that JSON cannot say');
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? canonicalArray(value) : canonicalObject(value as JsonRecord);
    default:
      throw new TypeError(`a ${typeof value} that JSON cannot say`);
  }
}

function canonicalArray(items: readonly unknown[]): string {
  let text = '[';
  for (const [i, item] of items.entries()) text += (i === 0 ? '' : ',') + canonicalJson(item);
  return `${text}]`;
}

function canonicalObject(record: JsonRecord): string {
  let text = '{';
  for (const key of Object.keys(record).sort()) {
    const value = record[key];
    if (value === undefined) continue;
    text += `${text === '{' ? '' : ','}${JSON.stringify(wellFormed(key))}:${canonicalJson(value)}`;
  }
  return `${text}}`;
}

/**
 * Half a surrogate pair has no UTF-8 form and JCS refuses it; NUL cannot be kept by Postgres in `jsonb`. Both
 * become U+FFFD, on the way in, so that text and bytes agree for ever.
 */
const wellFormed = (text: string): string =>
  UNFIT.test(text) ? text.replaceAll(UNFIT_EACH, '\ufffd').replaceAll('\0', '\ufffd') : text;
const UNFIT_EACH = /\p{Surrogate}/gu;
const UNFIT = /[\p{Surrogate}\0]/u;

/** The value of a JSON text, or undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The object of a JSON text, or undefined. */
export function parseRecord(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parseJson(text);
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Record<string, unknown>) : undefined;
}
