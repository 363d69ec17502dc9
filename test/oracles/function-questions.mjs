/** The statements behind test/corpus/functions.yaml: templates filled in with every combination of inputs. */

const COMBINATIONS_MAX = 60;

export const ROWS =
  "(VALUES (1, 'a', 1, 1.50, 2.5D, 'x', true), (2, 'a', 4, -2.25, CAST(NULL AS DOUBLE), 'y', false), (3, 'b', CAST(NULL AS INT), 3.00, -1D, CAST(NULL AS STRING), CAST(NULL AS BOOLEAN)), (4, 'b', 4, CAST(NULL AS DECIMAL(3,2)), 8D, 'z', true)) AS r(n, g, i, d, x, s, b)";

function filled(template, inputs) {
  const hole = /\{(\w+)\}/.exec(template);
  if (hole === null) return [template];
  const values = inputs[hole[1]];
  if (values === undefined) throw new Error(`no inputs called ${hole[1]}`);
  return values
    .flatMap((value) =>
      filled(
        template.replace(hole[0], () => value),
        inputs,
      ),
    )
    .slice(0, COMBINATIONS_MAX);
}

/** Function name to its statements. */
export function questionsOf({ inputs, calls, aggregates, windows }) {
  const questions = {};
  for (const [name, templates] of Object.entries(calls)) {
    questions[name] = templates
      .flatMap((template) => filled(template, inputs))
      .map((call) => `SELECT ${call}`);
  }
  for (const call of aggregates) {
    questions[`aggregate ${call}`] = [
      `SELECT ${call} FROM ${ROWS}`,
      `SELECT g, ${call} FROM ${ROWS} GROUP BY g`,
      `SELECT ${call} FROM ${ROWS} WHERE n > 9`,
    ];
  }
  for (const call of windows) questions[`window ${call}`] = [`SELECT n, ${call} FROM ${ROWS}`];
  return questions;
}
