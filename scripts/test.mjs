/**
 * `npm test [-- PATH_PATTERN...]`, `npm run test:long`: every spec, from nothing. Ends with one line, `N
 * passed, N failed`, and fails when a test failed, a file could not be run, or nothing ran at all.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkNode, ensureBuilt, ensureInstalled, ROOT } from './prepare.mjs';

const long = process.argv.includes('--long');
const patterns = process.argv.slice(2).filter((argument) => argument !== '--long');

// Whatever ends this early, the last line is there.
let counted = '0 passed, 1 failed';
process.on('exit', () => process.stdout.write(`${counted}\n`));

checkNode();
ensureInstalled();
ensureBuilt();
if (process.env.CI) prepareOthers();

const folder = mkdtempSync(join(tmpdir(), 'sluice-jest-'));
const report = join(folder, 'report.json');
const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
    ...(long ? [] : ['--testPathIgnorePatterns', '/node_modules/', String.raw`\.long\.spec\.ts$`]),
    '--json',
    `--outputFile=${report}`,
    ...(patterns.length > 0 ? ['--testPathPatterns', ...patterns] : []),
  ],
  {
    cwd: ROOT,
    // With --json jest writes its report to stdout too; the people's version goes to stderr.
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...(long ? { SLUICE_LONG: '1' } : {}) },
  },
);
const { passed, failed } = counts();
rmSync(folder, { recursive: true, force: true });
process.exitCode = status === 0 && failed === 0 && passed > 0 ? 0 : 1;
counted = `${passed} passed, ${failed} failed`;

function counts() {
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const result = JSON.parse(readFileSync(report, 'utf8'));
  return { passed: result.numPassedTests, failed: result.numFailedTests + result.numRuntimeErrorTestSuites };
}

/**
 * In CI the golden rows are compared with real Spark again, the wire schema with Spark's clients, and the audit log with
 * other readers of such logs; elsewhere whoever has fetched what that needs gets it too.
 */
function prepareOthers() {
  const scripts = [
    'spark-venv.mjs',
    'spark-client-venv.mjs',
    'connect-descriptors.mjs',
    'tlog-venv.mjs',
    'audit-venv.mjs',
    'schemathesis-venv.mjs',
    'python-client-venv.mjs',
  ];
  for (const name of scripts) {
    const script = join(ROOT, 'scripts', name);
    const made = spawnSync(process.execPath, [script], { cwd: ROOT, stdio: ['ignore', 2, 2] });
    if (made.status === 0) continue;
    process.stderr.write(`sluice: what tests need of others could not be fetched (scripts/${name}).\n`);
    process.exit(1);
  }
}
