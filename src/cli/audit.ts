/** `sluice audit ...` and `sluice receipt ...`: the log from a terminal. Verifying needs no gateway. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { ApiClient } from './api-client.js';
import { print } from './connection.js';
import { progressBar } from './progress-bar.js';
import { together } from './repeatable.js';
import { writeWholeFile } from './whole-file.js';

export function auditCommand(client: () => ApiClient): Command {
  const audit = new Command('audit').description('the audit log');
  audit
    .command('export')
    .description('the whole log as one file')
    .requiredOption('--out <file>', 'where to')
    .option('--personal', 'with personal parts (auditors and administrators)')
    .action((_: unknown, command: Command) => exportAudit(client(), command.optsWithGlobals()));
  audit
    .command('verify')
    .description('check an export, offline')
    .argument('<file>')
    .option(
      '--known-checkpoint <file>',
      'what was kept elsewhere: checkpoints, an anchor, a folder; repeatable',
      together,
    )
    .option('--witness <vkey...>', 'keys of witnesses that must have cosigned')
    .option('--quorum <n>', 'by how many operators')
    .option('--witnessed-within <time>', 'what they signed longer ago (12h, 7d) does not count')
    .action(async (file: string, _: unknown, command: Command) => {
      // Signatures take their time to load: only whoever checks them waits for that.
      const { verifyAudit } = await import('./audit-verify.js');
      process.exitCode = await verifyAudit(file, command.optsWithGlobals());
    });
  audit
    .command('checkpoint')
    .description('the last signed checkpoint: keep it elsewhere')
    .option('--out <file>')
    .action(async (_: unknown, command: Command) => {
      const { items } = (await client().get('/v1/audit/checkpoints?limit=1')) as {
        items: { note: string }[];
      };
      const note = items[0]?.note ?? '';
      const { out, json } = command.optsWithGlobals();
      if (out !== undefined) await writeFile(resolve(out), note);
      if (json === true) console.log(JSON.stringify({ note, ...(out === undefined ? {} : { file: out }) }));
      else if (out === undefined) process.stdout.write(note);
    });
  audit
    .command('rotate-key')
    .description('sign with a new key from the next start of the gateway on this data folder')
    .action(async (_: unknown, command: Command) => {
      const { rotateKeyring } = await import('../store/audit-keyring.js');
      rotateKeyring(resolve(process.env.SLUICE_DATA_DIR ?? '.sluice'), new Date());
      print(command.optsWithGlobals().json === true, { rotated: true }, () =>
        console.log('A new key is made. Start the gateway again to use it.'),
      );
    });
  return audit;
}

export function receiptCommand(): Command {
  const receipt = new Command('receipt').description('receipts of statements');
  receipt
    .command('verify')
    .description('check a receipt, offline')
    .argument('<file>')
    .action(async (file: string, _: unknown, command: Command) => {
      const { verifyReceipt } = await import('./receipt-verify.js');
      process.exitCode = await verifyReceipt(file, command.optsWithGlobals());
    });
  return receipt;
}

interface ExportArguments {
  readonly out: string;
  readonly personal?: boolean;
  readonly json?: boolean;
}

async function exportAudit(api: ApiClient, { out, personal, json }: ExportArguments): Promise<void> {
  const response = await api.open(`/v1/audit/export?personal=${personal === true}`);
  await writeWholeFile(out, counted(response));
  print(json === true, { file: out }, () =>
    console.log(`${out} is written. Check it with: sluice audit verify ${out}`),
  );
}

/** The manifest says how many lines with events there will be: enough for a bar. */
async function* counted(response: Response): AsyncGenerator<Uint8Array> {
  let bar: ReturnType<typeof progressBar> | undefined;
  let batches = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    const text = Buffer.from(chunk).toString('latin1');
    bar ??= progressBar('exporting', Number(/"size":(\d+)/.exec(text)?.[1] ?? 0));
    batches += text.split('"line":"batch"').length - 1;
    bar.to(batches);
    yield chunk;
  }
  bar?.stop();
}
