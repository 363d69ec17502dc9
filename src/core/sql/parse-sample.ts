/** TABLESAMPLE: some of the rows of a table. */
import type { Sample } from './ast-relation.js';
import type { Cursor } from './cursor.js';
import { parseExpr } from './parse-expression.js';

const WHOLE = /^\d{1,15}$/;
const SEED_MAX = 2 ** 31 - 1;
const SHARE = /^(\d{1,15}(\.\d{0,15})?|\.\d{1,15})$/;

/** Behind a table or parentheses, before the alias. */
export function parseSample(c: Cursor): { readonly sample?: Sample } {
  const at = c.at;
  if (!c.acceptWord('TABLESAMPLE')) return {};
  if (c.isWord('SYSTEM'))
    throw c.refuse('TABLESAMPLE SYSTEM', 'Leave SYSTEM out: rows are taken one by one.');
  c.acceptWord('BERNOULLI');
  c.expectSymbol('(');
  const part = parsePart(c);
  c.expectSymbol(')');
  if (!c.acceptWord('REPEATABLE')) return { sample: { part, at } };
  c.expectSymbol('(');
  const from = c.at;
  const seed = takeNumber(c, WHOLE, 'a whole number');
  if (Number(seed) > SEED_MAX) throw c.error(`A seed is at most ${SEED_MAX}.`, from);
  c.expectSymbol(')');
  return { sample: { part, seed, at } };
}

function parsePart(c: Cursor): Sample['part'] {
  if (c.acceptWord('BUCKET')) return parseBucket(c);
  if (c.token.kind === 'number' && c.wordAt(1, 'PERCENT')) {
    const at = c.at;
    const percent = takeNumber(c, SHARE, 'a number');
    c.expectWord('PERCENT');
    if (Number(percent) > 100) throw c.error('A sample has at most 100 PERCENT of the rows.', at);
    return { kind: 'percent', percent };
  }
  const count = parseExpr(c);
  if (!c.isWord('ROWS')) throw c.unexpected('ROWS, or a number and PERCENT');
  c.take();
  return { kind: 'rows', count };
}

function parseBucket(c: Cursor): Sample['part'] {
  const at = c.at;
  const bucket = Number(takeNumber(c, WHOLE, 'a whole number'));
  c.expectWord('OUT');
  c.expectWord('OF');
  const of = Number(takeNumber(c, WHOLE, 'a whole number'));
  if (c.isWord('ON')) throw c.refuse('BUCKET ... ON', 'Leave ON out: rows are taken one by one.');
  if (of === 0 || bucket > of) throw c.error('There are not so many buckets.', at);
  return { kind: 'bucket', bucket, of };
}

function takeNumber(c: Cursor, form: RegExp, wanted: string): string {
  const { token } = c;
  if (token.kind !== 'number' || token.suffix !== '' || !form.test(token.text)) throw c.unexpected(wanted);
  c.take();
  return token.text;
}
