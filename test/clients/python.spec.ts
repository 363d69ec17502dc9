/** The Python client: its types, its own tests against a real gateway, its packages, and its page (docs/how-to/clients.md). */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { blocksOf } from '../support/doc-blocks.js';
import { type Rest, startRest } from '../support/rest-client.js';
import { ROOT } from '../support/sources.js';

const START_TIMEOUT_MS = 300_000;
jest.setTimeout(180_000);
const CLIENT = join(ROOT, 'clients', 'python');
const TESTS_MIN = 30;

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

let python: string;
let rest: Rest;
let folder: string;
beforeAll(async () => {
  const made = spawnSync(process.execPath, [join(ROOT, 'scripts', 'python-client-venv.mjs')], {
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(made.stderr);
  python = made.stdout.trim();
  folder = mkdtempSync(join(tmpdir(), 'sluice-python-'));
  rest = await startRest();
}, START_TIMEOUT_MS);
afterAll(async () => {
  await rest?.gateway.stop();
  rmSync(folder, { recursive: true, force: true });
}, START_TIMEOUT_MS);

function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: object; readonly input?: string },
): Promise<Ended> {
  const { cwd, env = {}, input = '' } = options;
  const child = spawn(command, args, {
    cwd,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PYTHONDONTWRITEBYTECODE: '1',
      SLUICE_URL: rest.gateway.url,
      SLUICE_TOKEN: rest.gateway.tokens.analyst,
      SLUICE_TEST_TOKENS: JSON.stringify(rest.gateway.tokens),
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}
const blocks = (language: string): readonly string[] =>
  blocksOf('docs/how-to/clients.md').flatMap((block) => (block.language === language ? [block.text] : []));
const SOURCES = { PYTHONPATH: join(CLIENT, 'src') };

describe('the Python client', () => {
  it('has the types it says, strictly', async () => {
    const { code, output } = await run(python, ['-m', 'mypy', '--cache-dir', join(folder, 'mypy')], {
      cwd: CLIENT,
    });
    expect([code, output]).toEqual([0, expect.stringContaining('Success')]);
  });

  it('passes its own tests', async () => {
    const cwd = join(CLIENT, 'tests');
    const { code, output } = await run(python, ['-m', 'unittest', '-v'], { cwd, env: SOURCES });
    expect([code, code === 0 ? '' : output]).toEqual([0, '']);
    expect(Number(/Ran (\d+) tests/.exec(output)?.[1])).toBeGreaterThanOrEqual(TESTS_MIN);
    expect(output).not.toMatch(/skipped/);
  });

  it('is what its page says', async () => {
    const program = blocks('python').join('\n');
    const { code, output } = await run(python, ['-'], { cwd: folder, env: SOURCES, input: program });
    expect([code, output]).toEqual([0, expect.stringContaining('shop.crm.customers')]);
    expect(output).toMatch(/ACCESS_DENIED \[\{.*shop\.hr\.employees/);
    expect(output).toMatch(/SYNTAX_ERROR \{'line': 1/);
  });

  it('is built as a source archive and a wheel, and installs where nothing else is', async () => {
    const dist = join(folder, 'dist');
    const build = ['-m', 'build', '--no-isolation', '--outdir', dist, CLIENT];
    expect(await run(python, build, { cwd: folder })).toMatchObject({ code: 0 });
    const wheel = readdirSync(dist).find((file) => file.endsWith('.whl')) ?? '';
    expect(readdirSync(dist)).toHaveLength(2);
    const clean = join(folder, 'clean');
    expect(await run('python3', ['-m', 'venv', clean], { cwd: folder })).toMatchObject({ code: 0 });
    const [install = ''] = blocks('sh').filter((text) => text.startsWith('pip'));
    const env = { PATH: `${join(clean, 'bin')}:${process.env.PATH}`, PIP_DISABLE_PIP_VERSION_CHECK: '1' };
    // Over a socket bash would read what its user has set up, and find another pip.
    const type = (text: string) => run('bash', ['--norc', '-ec', text], { cwd: ROOT, env });
    expect(await type(install)).toMatchObject({ code: 0 });
    const again = `pip install --quiet --no-deps --force-reinstall ${join(dist, wheel)}`;
    expect(await type(again)).toMatchObject({ code: 0 });
    const program = `
import importlib.resources, os, sluice
assert importlib.resources.files("sluice").joinpath("py.typed").is_file()
with sluice.connect(os.environ["SLUICE_URL"], os.environ["SLUICE_TOKEN"]) as client:
    result = client.query("SELECT email FROM shop.crm.customers LIMIT 1")
    print(len(result.rows()), result.columns[0]["mask"])
    try:
        result.to_arrow()
    except sluice.InterfaceError as error:
        print(error)
`;
    const asked = await run(join(clean, 'bin', 'python'), ['-'], { cwd: folder, input: program });
    expect(asked).toEqual({ code: 0, output: expect.stringMatching(/^1 email\n.*sluice-client\[arrow\]/) });
  });
});
