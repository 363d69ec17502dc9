/** docs/mutation.md: what was judged, what survived and why, from the results that are kept. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../prepare.mjs';
import { FOLDER } from './tree-place.mjs';

const EQUIVALENT = join(ROOT, 'test', 'mutation', 'equivalent.yaml');
const REPORT = join(ROOT, 'docs', 'mutation.md');
const TEXT_MAX = 70;

/** By kind of mutant, what is known of those that survive; one that changes nothing is named in equivalent.yaml. */
const REASONS = {
  StringLiteral: 'words of a message or remedy, or a tag that has one reader',
};
const OTHERWISE = 'not told apart by a spec that runs here';

/** Returns the share that was killed of those that are not equivalent, and names of equivalents that no mutant has. */
export function writeReport(rooms) {
  const equivalent = parse(readFileSync(EQUIVALENT, 'utf8')).map((one) => ({ ...one, met: false }));
  const files = rooms.flatMap(resultsIn);
  for (const file of files)
    for (const result of file.results) {
      const known = equivalent.find((one) => isThat(one, result));
      if (known === undefined || result.status !== 'survived') continue;
      known.met = true;
      result.status = 'equivalent';
      result.reason = known.reason;
    }
  const rows = files.map(({ name, total, results, changed }) => ({
    name: changed ? `${name} (before its last change)` : name,
    total,
    ...countsOf(results),
  }));
  const sums = rows.reduce(
    (sum, row) => ({
      judged: sum.judged + row.judged,
      killed: sum.killed + row.killed,
      equivalent: sum.equivalent + row.equivalent,
      total: sum.total + row.total,
    }),
    { judged: 0, killed: 0, equivalent: 0, total: 0 },
  );
  writeFileSync(REPORT, text(rows, sums, files));
  const judgedFiles = new Set(files.filter(({ results }) => results.length > 0).map(({ name }) => name));
  return {
    score: sums.killed / (sums.judged - sums.equivalent),
    ...sums,
    stale: equivalent.filter((one) => !one.met && judgedFiles.has(one.file)),
  };
}

const isThat = (one, result) =>
  one.file === result.file && one.original === result.original && one.replacement === result.replacement;

function resultsIn(room) {
  return readdirSync(join(ROOT, room))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => {
      const path = join(FOLDER, 'results', room, `${name}.json`);
      const { source, total, results } = existsSync(path)
        ? JSON.parse(readFileSync(path, 'utf8'))
        : { total: 0, results: [] };
      const changed = source !== readFileSync(join(ROOT, room, name), 'utf8');
      return { name: `${room}/${name}`, total, results, changed };
    })
    .filter(({ total }) => total > 0);
}

function countsOf(results) {
  const count = (status) => results.filter((result) => result.status === status).length;
  const [survived, equivalent] = [count('survived'), count('equivalent')];
  return { judged: results.length, killed: results.length - survived - equivalent, survived, equivalent };
}

const percent = (killed, judged, equivalent) =>
  judged === equivalent ? '-' : `${((100 * killed) / (judged - equivalent)).toFixed(1)} %`;

function text(rows, sums, files) {
  const judged = sums.judged - sums.equivalent;
  const score = percent(sums.killed, sums.judged, sums.equivalent);
  return `# Mutants

Every mutant that Stryker's instrumenter makes of \`core/policy\`, \`core/rewrite\` and \`core/bind\`, one at a time, against the specs
that come past it and need no server ([ADR 12](adr/0012-mutants.md)). Written by \`npm run mutation\`.

**${score} killed: ${sums.killed} of ${judged}.**
Of ${sums.total} mutants ${sums.judged} were judged, ${sums.equivalent} of them equivalent.

| file | mutants | judged | killed | survived | equivalent | score |
|---|---|---|---|---|---|---|
${rows
  .map(
    (row) =>
      `| \`${row.name.replace('src/core/', '')}\` | ${row.total} | ${row.judged} | ${row.killed} | ${row.survived} | ${row.equivalent} | ${percent(row.killed, row.judged, row.equivalent)} |`,
  )
  .join('\n')}

## Survivors

${files
  .map(({ name, results }) => survivorsOf(name, results))
  .filter((part) => part !== '')
  .join('\n')}`;
}

function survivorsOf(name, results) {
  const left = results.filter(({ status }) => status === 'survived' || status === 'equivalent');
  if (left.length === 0) return '';
  const lines = left.map(
    ({ line, original, replacement, by, reason, mutatorName }) =>
      `| ${line} | ${code(original)} | ${code(replacement)} | ${reason === undefined ? (by ?? REASONS[mutatorName] ?? OTHERWISE) : `equivalent: ${reason}`} |`,
  );
  return `### ${name.replace('src/core/', '')}

| line | text | becomes | |
|---|---|---|---|
${lines.join('\n')}
`;
}

function code(written) {
  const one = written.replace(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('`', "'");
  return `\`${one.length > TEXT_MAX ? `${one.slice(0, TEXT_MAX)}…` : one}\``;
}
