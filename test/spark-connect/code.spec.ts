/** Code of callers: two real Spark servers, a real gateway, an unmodified PySpark client. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SparkCodeEngine } from '../../src/engines/spark/code-engine.js';
import { type CodeDoor, openCodeDoor } from '../support/code-door.js';
import { doorIsHere, type ProgramTest, runProgram, testsIn } from '../support/connect-programs.js';
import { SPARK_TIMEOUT_MS, sharedSpark } from '../support/spark-server.js';

/** Its page is asked while it may still be busy. */
const TOLD_MS = 60_000;
const PROGRAMS = ['functions', 'registered', 'artifacts'];

interface Intent {
  readonly callerCode?: {
    readonly engine: string;
    readonly functions: readonly { readonly kind: string; readonly sha256: string }[];
  };
}

if (doorIsHere())
  describe('code of callers', () => {
    let opened: CodeDoor;
    const results: ProgramTest[] = [];
    beforeAll(async () => {
      opened = await openCodeDoor();
      for (const program of PROGRAMS) results.push(...(await runProgram(program, opened.door.env)));
    }, 4 * SPARK_TIMEOUT_MS);
    afterAll(() => opened?.close(), SPARK_TIMEOUT_MS);

    it.each(PROGRAMS.flatMap(testsIn))('%s', (name) => {
      expect(results.find((result) => result.name === name)).toEqual({ name, ok: true });
    });

    it(
      'gives the server for code rows, and no table, file or text to read',
      async () => {
        const [application] = (await json(`${opened.spark.ui}/api/v1/applications`)) as readonly {
          id: string;
        }[];
        const plans = (await json(
          `${opened.spark.ui}/api/v1/applications/${application?.id}/sql?details=false&planDescription=true&length=1000`,
        )) as readonly { planDescription: string }[];
        const texts = plans.map(({ planDescription }) => planDescription).join('\n');
        expect(texts).toMatch(/ArrowEvalPython|BatchEvalPython/);
        expect(texts).toMatch(/LocalTableScan|LocalRelation/);
        expect(texts).not.toMatch(/FileScan|Scan parquet|file:|\.parquet/i);
        expect(texts).not.toContain(opened.door.env.LAKE_FOLDER);
      },
      TOLD_MS,
    );

    it('is among the engines, and in the metrics', async () => {
      const answer = await opened.door.gateway.fetch('/v1/engines', 'steward');
      const { items } = (await answer.json()) as { readonly items: readonly { readonly id: string }[] };
      expect(items.find(({ id }) => id === 'spark-code')).toMatchObject({
        kind: 'spark',
        version: expect.stringMatching(/^4\.2\./),
        running: 0,
      });
      const metrics = await (await fetch(`${opened.door.gateway.adminUrl}/metrics`)).text();
      expect(metrics).toContain('sluice_engine_running{engine="spark-code"} 0');
    });

    it('takes no server that keeps Python processes for others', async () => {
      const kept = new SparkCodeEngine((await sharedSpark()).connect, {});
      await expect(kept.session({ clientSession: 'a', policyVersion: 1 }, {})).rejects.toMatchObject({
        code: 'ENGINE_UNAVAILABLE',
        details: { remedy: expect.stringContaining('spark.python.worker.reuse=false') },
      });
      await kept.close();
    });

    it('puts on record which code was to run, and where', async () => {
      const answer = await opened.door.gateway.fetch(
        '/v1/audit/events?kind=statement.intent&limit=200',
        'auditor',
      );
      const { items } = (await answer.json()) as { readonly items: readonly Intent[] };
      const codes = items.flatMap(({ callerCode }) => callerCode ?? []);
      expect(codes.length).toBeGreaterThan(0);
      for (const { engine, functions } of codes) {
        expect(engine).toBe('spark-code');
        for (const { sha256 } of functions) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      }
      const kinds = new Set(codes.flatMap(({ functions }) => functions.map(({ kind }) => kind)));
      for (const kind of ['udf', 'mapInPandas', 'mapInArrow', 'applyInPandas', 'cogroup.applyInPandas'])
        expect(kinds).toContain(kind);
    });
  });

async function json(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}
