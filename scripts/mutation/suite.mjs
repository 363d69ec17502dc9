/**
 * What specs import of `@jest/globals`, for one spec file: `describe`, `it` and hooks collected, so that chosen tests
 * can be run. Expectations are jest's own.
 */
import { expect } from 'expect';

export class Suite {
  /** In the order of the file; `hooks` are those of the blocks around, outermost first. */
  tests = [];
  #blocks = [newBlock()];

  globals() {
    const it = this.#each((name, run) => this.tests.push({ name, run, blocks: [...this.#blocks] }));
    const describe = this.#each((_name, fill) => {
      this.#blocks.push(newBlock());
      fill();
      this.#blocks.pop();
    });
    const hook = (kind) => (run) => this.#blocks.at(-1)[kind].push(run);
    const hooks = Object.fromEntries(
      ['beforeAll', 'afterAll', 'beforeEach', 'afterEach'].map((kind) => [kind, hook(kind)]),
    );
    return { describe, it, test: it, expect, jest: { setTimeout: () => undefined }, ...hooks };
  }

  #each(define) {
    const one = (name, run) => define(String(name), run);
    one.each = (table) => (name, run) => {
      for (const row of table) {
        const values = Array.isArray(row) ? row : [row];
        define(String(name), () => run(...values));
      }
    };
    return one;
  }

  /**
   * Runs the tests of these numbers; `began(key)` is told what runs, a test by its number, a hook for a block by the
   * numbers of all tests in it. Ends with the first failure.
   */
  async run(numbers, began) {
    const opened = [];
    let number;
    try {
      for (number of numbers) {
        const { name, run, blocks } = this.tests[number];
        for (const block of blocks) {
          if (opened.includes(block)) continue;
          opened.push(block);
          began(this.tests.flatMap((test, n) => (test.blocks.includes(block) ? [n] : [])));
          for (const before of block.beforeAll) await before();
        }
        began([number]);
        for (const block of blocks) for (const before of block.beforeEach) await before();
        try {
          await run();
        } catch (error) {
          return { failed: name, number, error };
        }
        for (const block of blocks) for (const after of block.afterEach) await after();
      }
    } catch (error) {
      return { failed: 'a hook', number, error };
    } finally {
      for (const block of opened.reverse())
        for (const after of block.afterAll) await Promise.resolve(after()).catch(() => undefined);
    }
    return undefined;
  }
}

function newBlock() {
  return { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] };
}
