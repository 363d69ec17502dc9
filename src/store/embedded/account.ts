/** Postgres refuses to run as root; started by root, it runs as another account of the machine. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const PREFERRED = ['postgres', 'nobody'];
const OTHERS_MAY_ENTER = 0o001;
const OWNER_MAY_ENTER = 0o100;

/** The account for the server, or undefined: run as we are. */
export function serverAccount(ownUid = process.getuid?.(), passwd = readPasswd()): Account | undefined {
  if (ownUid !== 0) return undefined;
  for (const name of PREFERRED) {
    const line = passwd.split('\n').find((entry) => entry.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined && Number(uid) > 0) {
      return { name, uid: Number(uid), gid: Number(gid) };
    }
  }
  throw new Error(
    'The embedded Postgres cannot run as root, and there is no account `postgres` or `nobody`. Start as another user, or set SLUICE_DATABASE_URL.',
  );
}

function readPasswd(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8');
  } catch {
    return '';
  }
}

/** Whether the account may walk to `path`: every folder above lets it in. */
export function canReach(account: Account | undefined, path: string): boolean {
  if (account === undefined) return true;
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const { mode, uid } = statSync(folder);
    const enters = uid === account.uid ? OWNER_MAY_ENTER : OTHERS_MAY_ENTER;
    if ((mode & enters) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
