/** The package as it is installed, and the TypeScript of docs/how-to/clients.md and of its README, compiled and run. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { blocksOf } from '../../../test/support/doc-blocks.js';
import { type Rest, startRest } from '../../../test/support/rest-client.js';
import { ROOT } from '../../../test/support/sources.js';

const START_TIMEOUT_MS = 90_000;
jest.setTimeout(180_000);
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const STRICT = {
  compilerOptions: {
    target: 'ES2023',
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules', '@types')],
  },
  files: ['guide.ts', 'readme.ts'],
};

let rest: Rest;
let folder: string;
beforeAll(async () => {
  rest = await startRest({ SLUICE_DEMO_SCALE: '0.001' });
  folder = mkdtempSync(join(tmpdir(), 'sluice-guide-'));
}, START_TIMEOUT_MS);
afterAll(async () => {
  await rest?.gateway.stop();
  rmSync(folder, { recursive: true, force: true });
}, START_TIMEOUT_MS);

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function run(command: string, args: readonly string[]): Promise<Ended> {
  const { url, tokens } = rest.gateway;
  const child = spawn(command, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, SLUICE_URL: url, SLUICE_TOKEN: tokens.analyst },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}
const blocks = (page: string, language: string, first = ''): string =>
  blocksOf(page)
    .filter((block) => block.language === language && block.text.startsWith(first))
    .map(({ text }) => text)
    .join('\n')
    .replaceAll('http://127.0.0.1:8080', rest.gateway.url);

describe('the package', () => {
  it('is packed and installed as its page says, and holds what was built, nothing else', async () => {
    symlinkSync(join(ROOT, 'clients'), join(folder, 'clients'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    const install = blocks('docs/how-to/clients.md', 'sh', 'npm');
    expect(await run('bash', ['--norc', '-ec', install])).toMatchObject({ code: 0 });
    const installed = join(folder, 'node_modules', '@sluice', 'client');
    expect(readdirSync(installed).sort()).toEqual(['README.md', 'dist', 'package.json']);
    expect(readdirSync(join(installed, 'dist'))).toEqual(
      expect.arrayContaining(['sluice.js', 'sluice.d.ts']),
    );
  });

  it('is used as its pages say, under strict types', async () => {
    writeFileSync(join(folder, 'guide.ts'), blocks('docs/how-to/clients.md', 'ts'));
    writeFileSync(join(folder, 'readme.ts'), blocks('clients/typescript/README.md', 'ts'));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(STRICT));
    expect(await run(process.execPath, [TSC, '-p', 'tsconfig.json'])).toEqual({ code: 0, output: '' });
    const guide = await run(process.execPath, ['guide.js']);
    expect(guide).toEqual({ code: 0, output: expect.stringContaining('email: email') });
    for (const seen of [/ACCESS_DENIED \[/, /^allow$/m, /shop\.crm\.customers/, /^\[ 'duckdb v/m])
      expect(guide.output).toMatch(seen);
    const readme = await run(process.execPath, ['readme.js']);
    expect(readme).toEqual({ code: 0, output: expect.stringMatching(/^[A-Z]{2} \d+$/m) });
  });
});
