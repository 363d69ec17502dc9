/** `npx sluice ...`: what people do from a terminal, over the same API that everyone else uses. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { ApiClient, ApiProblem } from './cli/api-client.js';
import { bootstrapToken } from './cli/bootstrap.js';
import { printTable } from './cli/table.js';

const EXIT_PROBLEM = 1;

const program = new Command('sluice')
  .description('Governed queries and policies from the terminal.')
  .option('--json', 'machine-readable output');

program
  .command('query')
  .description('run a statement and print its rows')
  .argument('<sql>')
  .option('--purpose <purpose>')
  .action(async (sql: string, options: { purpose?: string }) => {
    const answer = await client().post('/v1/statements', { statement: sql, waitTimeout: '60s', ...options });
    print(answer, () => {
      const { manifest, result, governance } = answer as QueryAnswer;
      printTable(
        manifest.schema.map((column) => `${column.name}${column.masked ? ' *' : ''}`),
        result.rows,
      );
      if (manifest.truncated || result.nextChunk !== null)
        console.log('... more rows: use the API for the whole result');
      for (const { object, rules } of governance.filteredTables)
        console.log(`rows of ${object}: ${rules.join(', ') || 'none'}`);
      for (const { object, column, mask, rule } of governance.maskedColumns) {
        console.log(`${object}.${column}: ${mask} (${rule})`);
      }
    });
  });

program
  .command('explain')
  .description('say what a statement would be allowed to see, and why')
  .argument('<sql>')
  .option('--as <user>', 'as this principal (administrators)')
  .action(async (sql: string, options: { as?: string }) => {
    const body = { statement: sql, ...(options.as === undefined ? {} : { asPrincipal: options.as }) };
    console.log(JSON.stringify(await client().post('/v1/statements/explain', body), null, 2));
  });

const policy = program.command('policy').description('policy documents');
policy
  .command('apply')
  .description('create or replace a document from a file')
  .argument('<file>')
  .action(async (file: string) => {
    const text = await readFile(resolve(file), 'utf8');
    const name = /^name:\s*(\S+)/m.exec(text)?.[1] ?? '';
    const api = client();
    const known = await api.get(`/v1/policies/${encodeURIComponent(name)}`).catch(notFound);
    const saved =
      known === undefined
        ? await api.send('POST', '/v1/policies', text, 'application/yaml')
        : await api.send('PUT', `/v1/policies/${encodeURIComponent(name)}`, text, 'application/yaml');
    print(saved, () => console.log(`${name} is in force.`));
  });
policy
  .command('explain')
  .description('what a principal may do with an object')
  .argument('<object>')
  .option('--as <user>')
  .action(async (object: string, options: { as?: string }) => {
    const asked = { objects: [object], ...(options.as === undefined ? {} : { principal: options.as }) };
    console.log(JSON.stringify(await client().post('/v1/decisions', { requests: [asked] }), null, 2));
  });

program
  .command('token')
  .description('bearer tokens')
  .addCommand(
    new Command('create')
      .argument('<name>')
      .option('--principal <user>')
      .action(async (name: string, options: { principal?: string }) => {
        const made = (await client().post('/v1/tokens', { name, ...options })) as { token: string };
        print(made, () => console.log(made.token));
      }),
  )
  .addCommand(
    new Command('bootstrap').description('the first administrator and token, once').action(async () => {
      console.log(await bootstrapToken(process.env));
    }),
  );

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof ApiProblem) {
    console.error(program.opts().json === true ? JSON.stringify(error.problem) : error.message);
  } else console.error(`sluice: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = EXIT_PROBLEM;
}

interface QueryAnswer {
  readonly manifest: {
    readonly schema: readonly { readonly name: string; readonly masked: boolean }[];
    readonly truncated: boolean;
  };
  readonly result: { readonly rows: readonly (readonly unknown[])[]; readonly nextChunk: number | null };
  readonly governance: {
    readonly filteredTables: readonly { readonly object: string; readonly rules: readonly string[] }[];
    readonly maskedColumns: readonly {
      readonly object: string;
      readonly column: string;
      readonly mask: string;
      readonly rule: string;
    }[];
  };
}

function print(value: unknown, people: () => void): void {
  if (program.opts().json === true) console.log(JSON.stringify(value));
  else people();
}

function notFound(error: unknown): undefined {
  if (error instanceof ApiProblem && error.problem.status === 404) return undefined;
  throw error;
}

/** SLUICE_URL and SLUICE_TOKEN, else the gateway of this data folder and its demo administrator. */
function client(): ApiClient {
  const dataDir = resolve(process.env.SLUICE_DATA_DIR ?? '.sluice');
  const json = (file: string): Record<string, unknown> => {
    try {
      return JSON.parse(readFileSync(join(dataDir, file), 'utf8')) as Record<string, unknown>;
    } catch {
      return {};
    }
  };
  const { http } = json('runtime.json');
  const url = process.env.SLUICE_URL ?? (http === undefined ? undefined : `http://127.0.0.1:${String(http)}`);
  const token = process.env.SLUICE_TOKEN ?? (json('demo-credentials.json').admin as string | undefined);
  if (url === undefined)
    throw new Error('no gateway runs on this data folder: start one with npm start, or set SLUICE_URL');
  if (token === undefined) throw new Error('set SLUICE_TOKEN');
  return new ApiClient(url, token);
}
