/** `sluice functions`: what SQL may call. Needs no gateway. */
import { functionTable } from '../core/sql/functions/table.js';
import { USAGE } from '../core/sql/functions/usage.js';
import { print } from './connection.js';
import { EXIT } from './exit-codes.js';
import { printTable } from './table.js';

/** Those whose name has `part` in it; all without. */
export function printFunctions(part: string | undefined, asJson: boolean): void {
  const wanted = part?.toLowerCase();
  const found = functionTable
    .all()
    .filter((entry) => entry.internal !== true)
    .map(({ name, aliases = [], kind, summary }) => ({
      name,
      aliases,
      kind,
      written: USAGE[name] ?? '',
      summary,
    }))
    .filter(
      ({ name, aliases }) => wanted === undefined || [name, ...aliases].some((one) => one.includes(wanted)),
    );
  if (found.length === 0) process.exitCode = EXIT.failed;
  print(asJson, { functions: found }, () =>
    printTable(
      ['name', 'kind', 'written', 'what it is'],
      found.map(({ name, aliases, kind, written, summary }) => [
        [name, ...aliases].join(', '),
        kind,
        written,
        summary,
      ]),
    ),
  );
}
