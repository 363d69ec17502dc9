import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Backlog } from './backlog.js';

const directory = mkdtempSync(join(tmpdir(), 'sluice-backlog-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let made = 0;
const newPath = () => join(directory, `b${made++}`);

const PATTERN = Buffer.from(Array.from({ length: 251 }, (_, i) => i));
/** So many bytes, each saying where it stands. */
const bytes = (from: number, length: number): Buffer =>
  Buffer.alloc(length + 251, PATTERN).subarray(from % 251, (from % 251) + length);

describe('Backlog', () => {
  it('gives what was added, in order, whoever is quicker', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 2_000_000 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        async (lengths, readFirst) => {
          const backlog = new Backlog(newPath());
          const read: Buffer[] = [];
          const added: Buffer[] = [];
          let total = 0;
          const pull = () => {
            for (let chunk = backlog.read(); chunk !== null; chunk = backlog.read())
              read.push(chunk as Buffer);
          };
          for (const [i, length] of lengths.entries()) {
            const chunk = bytes(total, length);
            added.push(chunk);
            total += length;
            await backlog.add(chunk);
            if (readFirst[i]) {
              pull();
              await new Promise((resolve) => setImmediate(resolve));
            }
          }
          backlog.finish();
          for await (const chunk of backlog) read.push(chunk as Buffer);
          expect(Buffer.concat(read).equals(Buffer.concat(added))).toBe(true);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('never ends by itself and leaves no file behind', async () => {
    const backlog = new Backlog(newPath());
    let ended = false;
    backlog.on('end', () => {
      ended = true;
    });
    for (let i = 0; i < 12; i += 1) await backlog.add(bytes(0, 1_000_000));
    expect(readdirSync(directory)).toEqual([]);
    backlog.resume();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(ended).toBe(false);
    backlog.destroy();
    await new Promise((resolve) => backlog.once('close', resolve));
    expect(backlog.add(bytes(0, 10))).toBeUndefined();
  });
});
