/** The statements behind test/corpus/functions.yaml: templates filled in with combinations of inputs. */

/** Of more combinations than this an even choice is asked. */
const COMBINATIONS_MAX = 40;

/** n, g: keys; i, s, b, d: with NULLs; x, f: both zeros, NaN, infinity; big: 64 bits; a: arrays. */
export const ROWS = `(VALUES
 (1, 'a', 1, 1.50BD, 2.5D, 'x', true, TIMESTAMP '2024-02-29 12:00:00', 0F, 4611686018427387904L, array(1, 2)),
 (2, 'a', 4, -2.25BD, CAST(NULL AS DOUBLE), 'y', false, TIMESTAMP '1969-12-31 23:59:59.5', -0F, 3L, array(1, CAST(NULL AS INT))),
 (3, 'b', CAST(NULL AS INT), 3.00BD, -1D, CAST(NULL AS STRING), CAST(NULL AS BOOLEAN), CAST(NULL AS TIMESTAMP), CAST(NULL AS FLOAT),
  CAST(NULL AS BIGINT), CAST(NULL AS ARRAY<INT>)),
 (4, 'b', 4, CAST(NULL AS DECIMAL(3,2)), 8D, 'ß', true, TIMESTAMP '2026-01-01 00:00:00', 1.5F, -7L, array(0)),
 (5, 'c', -3, 0.01BD, CAST('NaN' AS DOUBLE), '', true, TIMESTAMP '2026-01-01 00:00:00', CAST('NaN' AS FLOAT), 0L, array(9)),
 (6, 'd', 7, 9.99BD, CAST('-Infinity' AS DOUBLE), '日本', false, TIMESTAMP '0001-01-01 00:00:00', CAST('Infinity' AS FLOAT), 5L, array(1)))
 AS r(n, g, i, d, x, s, b, t, f, big, a)`.replace(/\n\s*/g, ' ');

/** Every combination, in the order of the inputs; an even choice where there are too many. */
function filled(template, inputs) {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const lists = names.map((name) => {
    if (inputs[name] === undefined) throw new Error(`no inputs called ${name}`);
    return inputs[name];
  });
  const total = lists.reduce((product, list) => product * list.length, 1);
  const count = Math.min(total, COMBINATIONS_MAX);
  return Array.from({ length: count }, (_, i) => {
    let rest = Math.floor((i * total) / count);
    let hole = 0;
    return template.replace(/\{\w+\}/g, () => {
      const list = lists[hole++];
      const value = list[rest % list.length];
      rest = Math.floor(rest / list.length);
      return value;
    });
  });
}

/** Function name to its statements. */
export function questionsOf({ inputs, calls, aggregates, windows }) {
  const questions = {};
  const add = (name, list) => {
    questions[name] = [...new Set([...(questions[name] ?? []), ...list])];
  };
  for (const [name, templates] of Object.entries(calls)) {
    add(
      name,
      templates.flatMap((template) => filled(template, inputs)).map((call) => `SELECT ${call}`),
    );
  }
  for (const [name, list] of Object.entries(aggregates)) {
    for (const call of list) {
      add(name, [
        `SELECT ${call} FROM ${ROWS}`,
        `SELECT g, ${call} FROM ${ROWS} GROUP BY g`,
        `SELECT ${call} FROM ${ROWS} WHERE n > 9`,
      ]);
    }
  }
  for (const [name, list] of Object.entries(windows)) {
    add(
      name,
      list.map((call) => `SELECT n, ${call} FROM ${ROWS}`),
    );
  }
  return questions;
}
