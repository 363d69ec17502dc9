/** Shell blocks of a page, typed as a reader would: in a folder with a gateway's data, `npx sluice` at hand. */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GatewayProcess } from './gateway-process.js';
import { ROOT } from './sources.js';

export interface ShellPage {
  /** One shell for all blocks; ends at the first command that fails. */
  type(blocks: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }>;
  remove(): void;
}

/**
 * Where pages say npx, the checkout's own command runs; `npm` is another spec's to run (it starts, builds and tests),
 * here its scripts must only be there. UNANCHORED (10) is what pages promise of a log that nobody has anchored.
 */
const PROLOGUE = `
set -e -o pipefail
npx() {
  [ "$1" = sluice ]; shift
  "$NODE" "$ROOT/scripts/sluice.mjs" "$@" || { code=$?; [ "$1 $2 $code" = "audit verify 10" ] || return $code; }
}
npm() { [ "$1" = run ] || set -- run "$@"; "$NODE" -e 'if (!require(process.argv[1]).scripts[process.argv[2]]) process.exit(1)' "$ROOT/package.json" "$2"; }
`;

export function startShellPage(gateway: GatewayProcess): ShellPage {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-docs-'));
  symlinkSync(gateway.dataDir, join(folder, '.sluice'));
  cpSync(join(ROOT, 'policies'), join(folder, 'policies'), { recursive: true });
  return {
    type: (blocks) =>
      new Promise((resolve) => {
        const program = PROLOGUE + blocks.join('\n').replaceAll('http://127.0.0.1:8080', gateway.url);
        const child = spawn('bash', ['-s'], {
          cwd: folder,
          env: {
            PATH: process.env.PATH,
            HOME: folder,
            NODE: process.execPath,
            ROOT,
            // As the pages name them.
            SLUICE_TOKEN: gateway.tokens.admin,
            TOKEN: gateway.tokens.auditor,
            SLUICE: gateway.url,
          },
          stdio: ['pipe', 'pipe', 'pipe'],
        });
        let output = '';
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (text) => (output += String(text)));
        child.stdin.end(program);
        child.on('close', (code) => resolve({ code, output }));
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
