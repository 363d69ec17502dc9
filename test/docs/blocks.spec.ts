/**
 * Every code block of README.md and docs is run or validated: here, or by the spec that is named here and reads the
 * page. A block that nobody runs fails this spec.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { ERROR_CODES } from '../../src/core/errors.js';
import { parsePolicyYaml } from '../../src/core/policy/policy-yaml.js';
import { governanceSchema } from '../../src/doors/rest/decision-schemas.js';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.js';
import { blocksOf, type DocBlock, docPages } from '../support/doc-blocks.js';
import { type Rest, startRest } from '../support/rest-client.js';
import { type ShellPage, startShellPage } from '../support/shell-page.js';
import { ROOT, readProjectFile } from '../support/sources.js';

const START_TIMEOUT_MS = 90_000;
jest.setTimeout(120_000);

/** Pictures, and what a command prints. */
const NO_CODE = ['text', 'mermaid'];

/** Pages whose shell blocks are typed here, one after another, against a gateway. */
const TYPED = [
  'README.md',
  'docs/how-to/cli.md',
  'docs/how-to/query.md',
  'docs/how-to/lineage.md',
  // Changes policies: last.
  'docs/tutorial.md',
];
/** Pages whose shell blocks need other machines, or start what other specs start: read by the shell, their names looked up. */
const READ = [
  'docs/how-to/audit.md',
  'docs/how-to/code.md',
  'docs/how-to/operate.md',
  'docs/how-to/spark.md',
];

/** Who else runs blocks of a page, by language. */
const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'docs/how-to/clients.md': {
    python: 'test/clients/python.spec.ts',
    ts: 'clients/typescript/test/guide.spec.ts',
    sh: 'test/clients/python.spec.ts',
  },
  'docs/how-to/reports.md': { sh: 'test/reports/gateway.spec.ts' },
  'docs/how-to/policies.md': { yaml: 'src/core/policy/policy-yaml.spec.ts' },
  'docs/how-to/resources.md': { yaml: 'src/core/policy/decide-resources.spec.ts' },
  'docs/how-to/write.md': { sql: 'test/writes/guide.spec.ts' },
  'docs/how-to/pyspark.md': { python: 'test/spark-connect/programs/guide.py' },
  'docs/how-to/from-rdds.md': { python: 'test/spark-connect/programs/guide.py' },
  'docs/how-to/streaming.md': { python: 'test/spark-connect/programs/streams.py' },
  'docs/how-to/code.md': { python: 'test/spark-connect/programs/functions_more.py' },
  'docs/how-to/ml.md': { python: 'test/spark-connect/programs/ml.py' },
};

const pages = docPages();
const blocks = pages.flatMap(blocksOf);
const where = ({ page, line, language }: DocBlock): string =>
  `${page}:${line} (${language || 'no language'})`;
const of = (language: string, ...names: readonly string[]): readonly DocBlock[] =>
  blocks.filter((block) => block.language === language && names.includes(block.page));

function isRun({ page, language, text }: DocBlock): boolean {
  if (NO_CODE.includes(language) || ELSEWHERE[page]?.[language] !== undefined) return true;
  if (language === 'sh') return [...TYPED, ...READ].includes(page);
  if (language === 'yaml') return page === 'docs/reference/policy-schema.md';
  if (language === 'json') return page === 'docs/how-to/resources.md';
  return language === 'sql' && page === 'docs/how-to/operate.md' && text.startsWith('CREATE ROLE');
}

describe('the code blocks of the docs', () => {
  it('are there', () => {
    expect(pages.length).toBeGreaterThan(20);
    expect(blocks.length).toBeGreaterThan(50);
  });

  it('all are run or validated by a spec', () => {
    expect(blocks.filter((block) => !isRun(block)).map(where)).toEqual([]);
  });

  it('that other specs run are on pages that these read', () => {
    for (const [page, runners] of Object.entries(ELSEWHERE)) {
      for (const [language, runner] of Object.entries(runners)) {
        expect([page, of(language, page).length > 0]).toEqual([page, true]);
        expect([
          runner,
          readProjectFile(runner).includes(page.replace(/.*\//, '').replace('.md', '')),
        ]).toEqual([runner, true]);
      }
    }
  });

  it('say what there is: links, settings and error codes', () => {
    const settings = readProjectFile('docs/reference/settings.md') + readProjectFile('docs/reference/cli.md');
    for (const page of pages) {
      const text = readProjectFile(page);
      const folder = join(ROOT, page, '..');
      // What stands as code is no link.
      for (const [, target = ''] of text
        .replace(/`[^`\n]*`/g, '')
        .matchAll(/\]\((?!https?:|#|\/)([^)#\s]+)/g))
        expect([page, target, existsSync(join(folder, target))]).toEqual([page, target, true]);
      for (const [, , code = ''] of text.matchAll(/(\b4\d\d|\b5\d\d) `([A-Z]+_[A-Z_]+)`/g))
        expect([page, code, code in ERROR_CODES]).toEqual([page, code, true]);
    }
    const named = blocks.flatMap(({ text }) => text.match(/\bSLUICE_[A-Z_]+/g) ?? []);
    // Every secret can be a file.
    const known = (name: string): boolean => settings.includes(name.replace(/_FILE$/, ''));
    expect(named.filter((name) => !known(name))).toEqual([]);
  });
});

describe('blocks of', () => {
  it('yaml are documents that are accepted', () => {
    for (const { text } of of('yaml', 'docs/reference/policy-schema.md'))
      expect(parsePolicyYaml(text).document.kind).toBe('policy');
  });

  it('json are pieces of answers', () => {
    const [governance, item, ...more] = of('json', 'docs/how-to/resources.md').map(({ text }) =>
      JSON.parse(text.startsWith('{') ? text : `{${text}}`),
    );
    expect(more).toEqual([]);
    expect(governanceSchema.shape.resources.parse(governance.governance.resources)).toBeDefined();
    expect(item).toMatchObject({ state: 'queued', waitingFor: { kind: 'groupConcurrency' } });
  });

  it('sql for Postgres run on one', async () => {
    const [block] = of('sql', 'docs/how-to/operate.md');
    const dataDir = mkdtempSync(join(tmpdir(), 'sluice-docs-pg-'));
    chmodSync(dataDir, 0o755);
    const postgres = await startEmbeddedPostgres(dataDir);
    const { credentials } = JSON.parse(readFileSync(join(dataDir, 'postgres', 'cluster.json'), 'utf8'));
    const url = new URL(postgres.ownerUrl);
    const { password } = url;
    const client = new pg.Client({
      connectionString: postgres.ownerUrl
        .replace(`${url.username}:${password}`, `postgres:${credentials.superuser}`)
        .replace('/sluice?', '/postgres?'),
    });
    try {
      await client.connect();
      // The names of the page are taken on this server.
      const statements = block!.text.replaceAll('sluice', 'page').split(/;\n/);
      for (const statement of statements) if (statement !== '') await client.query(statement);
    } finally {
      await client.end();
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it.each(READ)('sh in %s are shell, over scripts and commands that there are', (page) => {
    const scripts = JSON.parse(readProjectFile('package.json')).scripts;
    const cli = readProjectFile('docs/reference/cli.md');
    for (const { text } of of('sh', page)) {
      execFileSync('bash', ['-n'], { input: text });
      for (const [, script = ''] of text.matchAll(/npm run ([\w:]+)/g))
        expect(scripts).toHaveProperty(script);
      for (const [, command = ''] of text.matchAll(/npx sluice (\w+ \w+)/g))
        expect(cli).toContain(`## ${command}`);
    }
  });
});

describe('blocks of sh, typed one after another', () => {
  let rest: Rest;
  let shell: ShellPage;
  beforeAll(async () => {
    rest = await startRest({ SLUICE_DEMO_SCALE: '0.01' });
    shell = startShellPage(rest.gateway);
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    shell?.remove();
    await rest?.gateway.stop();
  }, START_TIMEOUT_MS);

  it.each(TYPED)('%s', async (page) => {
    const { code, output } = await shell.type(of('sh', page).map(({ text }) => text));
    expect(code === 0 ? '' : output).toBe('');
    const refusals = [...output.matchAll(/"code":"([A-Z_]+)"/g)].map(([, refusal]) => refusal);
    expect(refusals).toEqual(page === 'README.md' ? ['ACCESS_DENIED'] : []);
    if (page !== 'docs/tutorial.md') return;
    for (const seen of [/\*\*\*@/, /eu-analysts\/eu-only/, /refused with exit code 1/, /1 passed, 0 failed/])
      expect(output).toMatch(seen);
    for (const seen of [/tickets-for-analysts is in force/, /WITNESSED/, /found, exit code (20|30|40)/])
      expect(output).toMatch(seen);
  });

  it('shows an error as it is', async () => {
    const [shown] = of('text', 'docs/how-to/cli.md');
    const sql = /\| (SELECT .*)/.exec(shown!.text)?.[1];
    const { code, output } = await shell.type([`npx sluice query "${sql}"`]);
    expect([code, output]).toEqual([1, shown!.text]);
  });
});
