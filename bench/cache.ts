/** One governed aggregate over a million rows: given again, against run anew. Everything but the run takes place for both. */
import { openBenchLake } from './bench-lake.js';
import type { Figure } from './figure.js';
import { alternate, requireCount } from './measure.js';

const ROUNDS = 60;
const WARM_UP = 5;
const RATIO_AIM = 0.5;
const STATEMENT =
  'SELECT country, count(*) AS people, max(email) AS last FROM people GROUP BY country ORDER BY country';
const COUNTRIES = 4;

export async function cacheBench(main: string): Promise<readonly Figure[]> {
  const lake = await openBenchLake(main, { SLUICE_RESULT_CACHE_BYTES_MAX: '64MiB' });
  const ask = async (cache: boolean): Promise<string> => {
    const response = await lake.gateway.fetch('/v1/statements', 'analyst', {
      method: 'POST',
      body: JSON.stringify({ statement: STATEMENT, cache }),
    });
    const answer = await response.json();
    requireCount('rows of the gateway', answer.manifest?.rowCount ?? Number.NaN, COUNTRIES);
    const kept = answer.governance.notices.some(({ code }: { code: string }) => code === 'CACHED');
    if (kept && !cache) throw new Error('an old answer where a new one was asked for');
    return `${kept} ${JSON.stringify(answer.result.rows)}`;
  };
  try {
    const fresh = await ask(false);
    // The first one that may be kept is.
    await ask(true);
    const { baselineMs, subjectMs } = await alternate(
      ROUNDS,
      WARM_UP,
      async () => void (await ask(false)),
      async () => {
        if ((await ask(true)) !== fresh.replace('false', 'true'))
          throw new Error('another answer, or not kept');
      },
    );
    const detail = `${subjectMs.toFixed(2)} to ${baselineMs.toFixed(2)} ms`;
    return [
      {
        name: 'answer given again, to one run anew',
        value: subjectMs / baselineMs,
        unit: 'x',
        aim: RATIO_AIM,
        detail,
      },
    ];
  } finally {
    await lake.close();
  }
}
