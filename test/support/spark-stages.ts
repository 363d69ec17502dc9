/** What runs on a Spark server, by its own page. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SparkRuntime } from './spark-server.js';

const POLL_MS = 100;

/** Waits until stages run, or none does; how long that took. */
export async function stagesRun({ ui }: SparkRuntime, wanted: boolean): Promise<number> {
  const since = Date.now();
  const [application] = (await (await fetch(`${ui}/api/v1/applications`)).json()) as { id: string }[];
  for (;;) {
    const answer = await fetch(`${ui}/api/v1/applications/${application?.id}/stages?status=active`);
    if (((await answer.json()) as unknown[]).length > 0 === wanted) return Date.now() - since;
    await sleep(POLL_MS);
  }
}
