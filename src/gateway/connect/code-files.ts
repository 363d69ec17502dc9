/**
 * Modules, archives and files that clients add for their code (`spark.addArtifact`). They wait here, on disk, and go to
 * the session on the server for code with the first plan that has code in it: nowhere else.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GovernanceError } from '../../core/errors.js';
import type { CodeFunction } from '../../core/plan/connect/code.js';
import type { ClientSession, CodeSession } from './connect-session.js';
import { uploadRequests } from './uploads.js';

const FILES_MAX = 100;
const FILE_BYTES_MAX = 64 * 2 ** 20;
const SESSION_BYTES_MAX = 256 * 2 ** 20;

/** Where they come to lie is Spark's to say: a name leads to no other folder. No class files: they would run in the JVM. */
const NAME = /^(?:pyfiles\/[\w-][\w.-]{0,127}\.(?:py|zip|egg)|files\/[\w-][\w.-]{0,127})$/;
const ARCHIVE = /^archives\/[\w-][\w.-]{0,127}\.(?:zip|tar\.gz|tgz|tar)(?:#[\w-]{1,64})?$/;
const KINDS: Readonly<Record<string, string>> = { pyfiles: 'module', archives: 'archive', files: 'file' };

export const isCodeFile = (name: string): boolean => NAME.test(name) || ARCHIVE.test(name);

interface CodeFile {
  readonly sha256: string;
  readonly bytes: number;
}

export class CodeFiles {
  private readonly known = new WeakMap<ClientSession, Map<string, CodeFile>>();

  /** `directory` is ours alone, emptied at start. */
  constructor(private readonly directory: string) {}

  has(session: ClientSession, name: string): boolean {
    return this.known.get(session)?.has(name) === true;
  }

  async add(session: ClientSession, name: string, data: Uint8Array): Promise<void> {
    const sha256 = createHash('sha256').update(data).digest('hex');
    const files = this.known.get(session) ?? new Map<string, CodeFile>();
    const before = files.get(name);
    if (before?.sha256 === sha256) return;
    // As in Spark: what runs already may have read it.
    if (before !== undefined) throw otherFile(name);
    const total = [...files.values()].reduce((sum, file) => sum + file.bytes, data.length);
    if (files.size >= FILES_MAX || data.length > FILE_BYTES_MAX || total > SESSION_BYTES_MAX) throw tooMuch();
    await mkdir(join(this.directory, session.serverSideId), { recursive: true, mode: 0o700 });
    await writeFile(this.pathOf(session, sha256), data, { mode: 0o600 });
    files.set(name, { sha256, bytes: data.length });
    this.known.set(session, files);
  }

  /** What is there for code of this session, for the record. */
  of(session: ClientSession): readonly CodeFunction[] {
    return [...(this.known.get(session) ?? [])].map(([name, { sha256 }]) => ({
      kind: KINDS[name.slice(0, name.indexOf('/'))] ?? 'file',
      sha256,
    }));
  }

  /** Gives the session on the server for code what it has not got yet. */
  async bring(session: ClientSession, to: CodeSession): Promise<void> {
    for (const [name, { sha256 }] of this.known.get(session) ?? []) {
      if (to.files.has(name)) continue;
      await to.session.upload([...uploadRequests(name, await readFile(this.pathOf(session, sha256)))]);
      to.files.add(name);
    }
  }

  async forget(session: ClientSession): Promise<void> {
    if (this.known.delete(session)) {
      await rm(join(this.directory, session.serverSideId), { recursive: true, force: true });
    }
  }

  private pathOf(session: ClientSession, sha256: string): string {
    return join(this.directory, session.serverSideId, sha256);
  }
}

const otherFile = (name: string): GovernanceError =>
  new GovernanceError('CONFLICT', `There is another ${name} in this session.`, {
    remedy: 'Give the file another name, or begin a new session.',
    sqlState: '42710',
  });

const tooMuch = (): GovernanceError =>
  new GovernanceError(
    'RESOURCES_EXHAUSTED',
    `A session takes at most ${FILES_MAX} files for code, ${FILE_BYTES_MAX} bytes each and ${SESSION_BYTES_MAX} together.`,
    { remedy: 'Leave out what the code does not need.', sqlState: '53000' },
  );
