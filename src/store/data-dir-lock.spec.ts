import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { DataDirInUseError, LOCK_FILE, lockDataDir } from './data-dir-lock.js';
import { processStartTime } from './process-identity.js';

const root = mkdtempSync(join(tmpdir(), 'sluice-lock-spec-'));
let folders = 0;
const folder = (): string => {
  folders += 1;
  return join(root, String(folders));
};

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('lockDataDir', () => {
  it('keeps a second gateway out until the first lets go, and leaves nothing behind', () => {
    const dir = folder();
    const first = lockDataDir(dir);
    expect(() => lockDataDir(dir)).toThrow(DataDirInUseError);
    expect(() => lockDataDir(dir)).toThrow(new RegExp(`SLUICE_DATA_DIR .*pid ${process.pid}`));
    first.release();
    expect(readdirSync(dir)).toEqual([]);
    lockDataDir(dir).release();
  });

  it('takes over from a gateway that was killed', async () => {
    const dir = folder();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    lockDataDir(dir, child.pid);
    expect(() => lockDataDir(dir)).toThrow(DataDirInUseError);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const mine = lockDataDir(dir);
    expect(() => lockDataDir(dir)).toThrow(DataDirInUseError);
    mine.release();
  });

  it('is not fooled by another process that got the same pid', () => {
    const dir = folder();
    lockDataDir(dir).release();
    writeFileSync(join(dir, LOCK_FILE), JSON.stringify({ pid: process.pid, startTime: 'earlier' }));
    lockDataDir(dir).release();
  });

  it.each(['', '{', '[]', '{"pid":"x"}', 'null'])('takes over a lock that says %j', (content) => {
    const dir = folder();
    lockDataDir(dir).release();
    writeFileSync(join(dir, LOCK_FILE), content);
    lockDataDir(dir).release();
  });

  it('releases only what is its own', () => {
    const dir = folder();
    const lock = lockDataDir(dir);
    const path = join(dir, LOCK_FILE);
    writeFileSync(path, JSON.stringify({ pid: 1, startTime: processStartTime(1) }));
    lock.release();
    expect(existsSync(path)).toBe(true);
  });
});
