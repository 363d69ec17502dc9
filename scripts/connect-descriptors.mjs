/**
 * The descriptors of Spark Connect as its releases have them, one JSON file a version in the user's cache,
 * taken from the Python clients once; `--print` prints what is there. `src/proto` is generated from them and held
 * to them.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir } from './python-venv.mjs';

/** Every version that a client or a server may have, oldest first. 4.3 has no client of its own to download. */
const RELEASES = [
  { version: '4.0', archive: 'pyspark-client==4.0.4' },
  { version: '4.1', archive: 'pyspark-client==4.1.3' },
  { version: '4.2', archive: 'pyspark-client==4.2.0' },
  { version: '4.3', archive: 'pyspark==4.3.0' },
];
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

const folder = () => join(cacheDir(), 'connect-descriptors');
const fileOf = ({ archive }) => join(folder(), `${archive.replace('==', '-')}.json`);

/** `[{version, files: [FileDescriptorProto as base64]}]`, oldest first; undefined where they were not fetched. */
export function connectDescriptors() {
  if (!RELEASES.every((release) => existsSync(fileOf(release)))) return undefined;
  return RELEASES.map((release) => ({
    version: release.version,
    files: Object.values(JSON.parse(readFileSync(fileOf(release), 'utf8'))),
  }));
}

export function fetchConnectDescriptors() {
  mkdirSync(folder(), { recursive: true });
  for (const release of RELEASES.filter((each) => !existsSync(fileOf(each)))) fetchRelease(release);
}

function fetchRelease(release) {
  process.stderr.write(`Fetching ${release.archive} for its Spark Connect descriptors.\n`);
  const download = mkdtempSync(join(folder(), 'download-'));
  try {
    run('python3', [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '--dest',
      download,
      release.archive,
    ]);
    const script = fileURLToPath(new URL('./read-descriptors.py', import.meta.url));
    const json = run('python3', [script, join(download, readdirSync(download)[0])]);
    const whole = join(download, 'descriptors.json');
    writeFileSync(whole, json);
    renameSync(whole, fileOf(release));
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
}

function run(command, args) {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} failed`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv.includes('--print')) fetchConnectDescriptors();
  else process.stdout.write(JSON.stringify(connectDescriptors() ?? null));
}
