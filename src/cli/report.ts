/** `sluice report ...`: reports over the audit log from a terminal. Verifying needs no gateway. */
import { extname } from 'node:path';
import { Command, Option } from 'commander';
import { aboutLines, CellTexts, sectionTexts } from '../core/reports/cell-text.js';
import { REPORTS } from '../core/reports/kinds.js';
import { type FilterName, REPORT_KINDS, type ReportKind } from '../core/reports/report.js';
import type { SignedReport } from '../core/reports/signed-report.js';
import type { ApiClient } from './api-client.js';
import { print } from './connection.js';
import { printTable } from './table.js';
import { writeWholeFile } from './whole-file.js';

const FORMATS = ['json', 'html', 'csv', 'pdf'];
/** Of one table on a terminal. */
const ROWS_SHOWN_MAX = 40;

const OPTIONS: Readonly<Record<FilterName, readonly [string, string]>> = {
  actor: ['--principal <user>', 'this person'],
  object: ['--object <name>', 'this table'],
  column: ['--column <name>', 'this column: catalog.schema.table.column, or its name with --object'],
  purpose: ['--purpose <purpose>', 'statements for this purpose'],
  from: ['--from <time>', 'from this day or time on (ISO 8601)'],
  to: ['--to <time>', 'before this day or time (ISO 8601)'],
};

export function reportCommand(client: () => ApiClient): Command {
  const report = new Command('report').description('reports over the audit log');
  for (const kind of REPORT_KINDS) addKind(report, kind, client);
  report
    .command('verify')
    .description('check a signed report (JSON), offline')
    .argument('<file>')
    .action(async (file: string, _: unknown, command: Command) => {
      // Signatures take their time to load: only whoever checks them waits for that.
      const { verifyReport } = await import('./report-verify.js');
      process.exitCode = await verifyReport(file, command.optsWithGlobals());
    });
  addHistory(report, client);
  addSchedules(report, client);
  return report;
}

interface MakeOptions {
  readonly format?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly [filter: string]: unknown;
}

function addKind(report: Command, kind: ReportKind, client: () => ApiClient): void {
  const { about, takes } = REPORTS[kind];
  const command = report.command(kind).description(about);
  for (const name of takes) command.option(...OPTIONS[name]);
  withFile(command).action(async (_: unknown, self: Command) => {
    const options: MakeOptions = self.optsWithGlobals();
    const query = new URLSearchParams();
    for (const name of ['principal', 'object', 'column', 'purpose', 'from', 'to'])
      if (typeof options[name] === 'string') query.set(name, options[name]);
    await fetchReport(client(), `/v1/reports/${kind}`, query, options);
  });
}

const withFile = (command: Command): Command =>
  command
    .addOption(new Option('--format <format>', 'write it as').choices(FORMATS))
    .option('--out <file>', 'to this file; its ending says the format');

async function fetchReport(
  api: ApiClient,
  path: string,
  query: URLSearchParams,
  { format, out, json }: MakeOptions,
): Promise<void> {
  const wanted =
    format ?? FORMATS.find((known) => `.${known}` === extname(out ?? '').toLowerCase()) ?? 'json';
  query.set('format', wanted);
  const response = await api.open(`${path}?${query}`);
  if (out !== undefined) {
    await writeWholeFile(out, response.body as unknown as AsyncIterable<Uint8Array>);
    print(json === true, { file: out, format: wanted }, () =>
      console.log(
        `${out} is written.${wanted === 'json' ? ` Check it with: sluice report verify ${out}` : ''}`,
      ),
    );
  } else if (format === undefined && json !== true) printReport((await response.json()) as SignedReport);
  else process.stdout.write(new Uint8Array(await response.arrayBuffer()));
}

function printReport({ report, personal }: SignedReport): void {
  const texts = new CellTexts(personal);
  console.log(report.title);
  for (const [name, value] of aboutLines(report, texts)) console.log(`  ${name}: ${value}`);
  for (const [name, value] of Object.entries(report.totals)) console.log(`  ${name}: ${value}`);
  for (const { text } of report.notes) console.log(`  ${text}`);
  for (const section of report.sections) {
    console.log(`\n${section.title}`);
    const shown = section.rows.slice(0, ROWS_SHOWN_MAX);
    printTable(
      section.columns.map(({ title }) => title),
      sectionTexts({ ...section, rows: shown }, texts),
    );
    const beyond = section.rows.length - shown.length + section.omitted;
    if (beyond > 0) console.log(`${beyond} more: use --out FILE.csv`);
  }
}

function addHistory(report: Command, client: () => ApiClient): void {
  withFile(
    report
      .command('history')
      .description('reports that were made; with an id, one of them')
      .argument('[id]')
      .addOption(new Option('--kind <kind>', 'of this kind').choices(REPORT_KINDS)),
  ).action(async (id: string | undefined, _: unknown, self: Command) => {
    const options: MakeOptions = self.optsWithGlobals();
    const query = new URLSearchParams();
    if (id !== undefined)
      return fetchReport(client(), `/v1/reports/history/${encodeURIComponent(id)}`, query, options);
    if (typeof options.kind === 'string') query.set('kind', options.kind);
    const found = (await client().get(`/v1/reports/history?${query}`)) as { items: Row[] };
    print(options.json === true, found, () =>
      printRows(['id', 'kind', 'madeAt', 'logSize', 'schedule'], found.items),
    );
  });
}

function addSchedules(report: Command, client: () => ApiClient): void {
  const schedule = report.command('schedule').description('reports that are made by themselves (UTC)');
  schedule
    .command('add')
    .description('make a report again and again')
    .argument('<kind>')
    .addOption(
      new Option('--every <period>', 'how often').choices(['day', 'week', 'month']).makeOptionMandatory(),
    )
    .option('--hour <hour>', 'at this hour, UTC', '0')
    .option('--weekday <name>', 'with --every week')
    .option('--day <number>', 'with --every month, 1 to 28')
    .option(...OPTIONS.actor)
    .option(...OPTIONS.object)
    .option(...OPTIONS.column)
    .option(...OPTIONS.purpose)
    .action(async (kind: string, _: unknown, self: Command) => {
      const { every, hour, weekday, day, principal, object, column, purpose, json } = self.optsWithGlobals();
      const body = { kind, every, hour: Number(hour), weekday, day: day && Number(day) };
      const filter = { principal, object, column, purpose };
      const made = (await client().post('/v1/reports/schedules', { ...body, filter })) as Row;
      print(json === true, made, () => console.log(`${String(made.id)}: next at ${String(made.dueAt)}`));
    });
  schedule
    .command('list')
    .description('what is made when')
    .action(async (_: unknown, self: Command) => {
      const found = (await client().get('/v1/reports/schedules')) as { items: Row[] };
      print(self.optsWithGlobals().json === true, found, () =>
        printRows(['id', 'kind', 'every', 'hour', 'dueAt', 'lastCode'], found.items),
      );
    });
  schedule
    .command('remove')
    .description('make no more of them')
    .argument('<id>')
    .action(async (id: string, _: unknown, self: Command) => {
      await client().send('DELETE', `/v1/reports/schedules/${encodeURIComponent(id)}`);
      print(self.optsWithGlobals().json === true, { removed: id }, () => console.log('Removed.'));
    });
}

type Row = Readonly<Record<string, unknown>>;
const printRows = (names: readonly string[], rows: readonly Row[]): void =>
  printTable(
    names,
    rows.map((row) => names.map((name) => row[name])),
  );
