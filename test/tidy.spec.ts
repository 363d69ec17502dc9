/** Style that a machine can judge. What it says is in CONTRIBUTING.md; this is where it is kept. */
import { describe, expect, it } from '@jest/globals';
import { projectFiles, readProjectFile } from './support/sources.js';

const LINES_MAX = 400;
/** Code is kept to 110 by the formatter; comments and texts get some room. */
const COLUMNS_MAX = 140;
const TEXT_COLUMNS = 40;
const FUNCTION_LINES_MAX = 70;

// Written in two parts, so that this file passes itself.
const BANNED = new RegExp(
  ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'not ' + 'implemented', 'place' + 'holder']
    .join('|')
    .replace(/^/, '(?:')
    .concat(')'),
);
const MACHINE = new RegExp(
  [
    'registry\\.' + 'npmjs',
    'npmjs\\.' + 'org',
    'pypi\\.' + 'org',
    '(?<![\\w.])/wo' + 'rk/',
    '(?<![\\w.])/ro' + 'ot/',
  ].join('|'),
);

const files = projectFiles();
const GENERATED = /^clients\/typescript\/src\/generated\//;
const code = files.filter(
  (file) =>
    /^(src|migrations|test|bench|scripts|clients\/typescript)\/.*\.(ts|mjs)$/.test(file) &&
    !GENERATED.test(file),
);
const typescript = code.filter((file) => file.endsWith('.ts'));
const texts = files.filter((file) =>
  /\.(ts|mjs|md|yaml|yml|json|conf|sh|sql|py|toml)$|(^|\/)(Dockerfile|run|\.env\.example)$/.test(file),
);

const offences = (
  list: readonly string[],
  find: (text: string, file: string) => readonly string[],
): readonly string[] =>
  list.flatMap((file) => find(readProjectFile(file), file).map((what) => `${file}: ${what}`));
const linesWith =
  (pattern: RegExp) =>
  (text: string): readonly string[] =>
    text
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${i + 1}: ${line.trim().slice(0, 80)}`] : []));

describe('every file', () => {
  it(`has at most ${LINES_MAX} lines`, () => {
    const long = offences(code, (text) => {
      const lines = text.split('\n').length - 1;
      return lines > LINES_MAX ? [`${lines} lines`] : [];
    });
    expect(long).toEqual([]);
  });

  it(`has lines of at most ${COLUMNS_MAX} columns, but for long texts`, () => {
    const long = new RegExp(`^.{${COLUMNS_MAX + 1},}$`);
    const longText = new RegExp(`(['"\`]).{${TEXT_COLUMNS},}\\1`);
    const found = offences(code, (text) =>
      linesWith(long)(
        text
          .split('\n')
          .map((line) => (longText.test(line) ? '' : line))
          .join('\n'),
      ),
    );
    expect(found).toEqual([]);
  });

  it('is named in kebab-case, never utils', () => {
    const name =
      /^[a-z0-9]+(-[a-z0-9]+)*(\.(spec|long|entity|controller|service|module|guard|filter|schema|config))*\.(ts|mjs)$/;
    const misnamed = code.filter(
      (file) => !name.test(file.split('/').at(-1) ?? '') || /(^|\/|-)util(s|ities)?[./-]/.test(file),
    );
    expect(misnamed).toEqual([]);
  });

  it('is finished', () => {
    expect(
      offences(
        code.filter((file) => /^(src|clients\/typescript\/src)\//.test(file)),
        linesWith(BANNED),
      ),
    ).toEqual([]);
  });

  it('names no package registry and no path of one machine', () => {
    const checked = texts.filter((file) => file !== 'package-lock.json');
    expect(offences(checked, linesWith(MACHINE))).toEqual([]);
  });

  it('of a test runs whole', () => {
    const skipping = /\b(it|test|describe)\.(only|skip|todo)\b|\b(xit|xdescribe|fit|fdescribe)\(/;
    const specs = typescript.filter((file) => file.endsWith('.spec.ts') && file !== 'test/tidy.spec.ts');
    expect(offences(specs, linesWith(skipping))).toEqual([]);
  });
});

describe('TypeScript', () => {
  it('has named exports only', () => {
    expect(offences(typescript, linesWith(/^export default\b/))).toEqual([]);
  });

  it('has no barrels', () => {
    expect(typescript.filter((file) => file.endsWith('/index.ts'))).toEqual([]);
  });

  it(`has functions of at most ${FUNCTION_LINES_MAX} lines`, () => {
    const sources = typescript.filter((file) => !file.endsWith('.spec.ts'));
    expect(offences(sources, longFunctions)).toEqual([]);
  });
});

describe('longFunctions', () => {
  it('finds what is too long', () => {
    const body = '  x();\n'.repeat(FUNCTION_LINES_MAX);
    expect(longFunctions(`function f() {\n${body}}\n`)).toHaveLength(1);
    expect(longFunctions(`class A {\n  async m(): void {\n${body}  }\n}\n`)).toHaveLength(1);
    expect(longFunctions('function f() {\n  x();\n}\n')).toEqual([]);
  });
});

/** The formatter closes a block at the indentation that it was opened at. */
function longFunctions(text: string): readonly string[] {
  const lines = text.split('\n');
  const opening =
    /^(\s*)(export )?(async )?(function\b|(private |public |protected |static |override |async )*[\w#]+(<.*>)?\(.*\)[^=;]*\{$)/;
  return lines.flatMap((line, start) => {
    const indent = opening.exec(line)?.[1];
    if (indent === undefined || /^\s*(if|for|while|switch|catch|return)\b/.test(line)) return [];
    const length = lines.slice(start).indexOf(`${indent}}`);
    return length + 1 > FUNCTION_LINES_MAX ? [`${start + 1}: ${length + 1} lines`] : [];
  });
}
