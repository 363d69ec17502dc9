/** `sluice report verify`: a signed report with nothing but itself. Exit code 0, or 40. */
import { readFile } from 'node:fs/promises';
import { VERDICT_EXIT } from '../core/audit/verdict.js';
import { visible } from '../core/reports/cell-text.js';
import { checkReport } from '../core/reports/signed-report.js';

/** Returns the exit code. */
export async function verifyReport(file: string, { json }: { readonly json?: boolean }): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const check = checkReport(text);
  if (json === true) console.log(JSON.stringify(check));
  else if (!check.valid) console.log(`INVALID: ${file}: ${check.problem}.`);
  else {
    const { log, totals, filter } = check.report;
    console.log(`VALID: ${file}, report ${visible(check.kind)}, signed by key ${check.kid}`);
    for (const [name, value] of Object.entries({ filter, log, totals }))
      console.log(`  ${name}: ${visible(JSON.stringify(value))}`);
  }
  return check.valid ? 0 : VERDICT_EXIT.INVALID;
}
