/** `sluice audit ...` and `sluice receipt ...`: the log from a terminal. Verifying needs no gateway. */
import { createWriteStream } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import type { ApiClient } from './api-client.js';
import { progressBar } from './progress-bar.js';

const together = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export function auditCommand(client: () => ApiClient): Command {
  const audit = new Command('audit').description('the audit log');
  audit
    .command('export')
    .description('the whole log as one file')
    .requiredOption('--out <file>')
    .option('--personal', 'with personal parts (auditors and administrators)')
    .action((options: ExportArguments) => exportAudit(client(), options));
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
    .action(async (options: { out?: string }) => {
      const { items } = (await client().get('/v1/audit/checkpoints?limit=1')) as {
        items: { note: string }[];
      };
      const note = items[0]?.note ?? '';
      if (options.out === undefined) process.stdout.write(note);
      else await writeFile(resolve(options.out), note);
    });
  audit
    .command('rotate-key')
    .description('sign with a new key from the next start of the gateway on this data folder')
    .action(async () => {
      const { rotateKeyring } = await import('../store/audit-keyring.js');
      rotateKeyring(resolve(process.env.SLUICE_DATA_DIR ?? '.sluice'), new Date());
      console.log('A new key is made. Start the gateway again to use it.');
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
}

/** Beside its place first: half an export never has the name of a whole one. */
async function exportAudit(api: ApiClient, { out, personal }: ExportArguments): Promise<void> {
  const response = await api.open(`/v1/audit/export?personal=${personal === true}`);
  const file = resolve(out);
  await pipeline(Readable.from(counted(response)), createWriteStream(`${file}.part`, { mode: 0o600 }));
  await rename(`${file}.part`, file);
  console.log(`${out} is written. Check it with: sluice audit verify ${out}`);
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
