/** `sluice receipt verify`: a receipt with nothing but itself. Exit code 0, or 40. */
import { readFile } from 'node:fs/promises';
import { checkReceipt } from '../core/audit/receipt.js';
import { VERDICT_EXIT } from '../core/audit/verdict.js';

/** Returns the exit code. */
export async function verifyReceipt(file: string, { json }: { readonly json?: boolean }): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const check = checkReceipt(text);
  if (json === true) console.log(JSON.stringify(check));
  else if (!check.valid) console.log(`INVALID: ${file}: ${check.problem}.`);
  else {
    console.log(`VALID: ${file}, signed by key ${check.kid}`);
    for (const [name, value] of Object.entries(check.statement))
      console.log(`  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  }
  return check.valid ? 0 : VERDICT_EXIT.INVALID;
}
