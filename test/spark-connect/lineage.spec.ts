/**
 * Is the lineage of DataFrame programs sound? `programs/lineage.py` shuffles the values of one column and says what changes in
 * the result; whatever does must have been declared by the gateway, for that output column or for the result as a whole.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConnectDoor, openConnectDoor } from '../support/connect-door.js';
import { doorIsHere, programLines } from '../support/connect-programs.js';
import {
  type InputField,
  type LineageCollector,
  type LineageEvent,
  startLineageCollector,
} from '../support/lineage-collector.js';
import { within } from '../support/rest-client.js';
import { SPARK_TIMEOUT_MS } from '../support/spark-server.js';

const PROGRAMS = process.env.SLUICE_LONG ? 400 : 12;
const TIMEOUT_MS = process.env.SLUICE_LONG ? 60 * 60_000 : 2 * SPARK_TIMEOUT_MS;
const SEED = process.env.SLUICE_ORACLE_SEED ?? '20261125';
const TOLD_MS = 10_000;
const WAIT_MS = 3 * TOLD_MS;
const MARK = /^program_(\d+)$/;

interface Told {
  readonly program: number;
  readonly shuffled: readonly {
    readonly table: string;
    readonly column: string;
    /** Places in the result. */
    readonly changed: readonly number[];
  }[];
}

const fieldsOf = (event: LineageEvent) => event.outputs[0]?.facets.schema.fields ?? [];
const programOf = (event: LineageEvent): number =>
  Number(MARK.exec(fieldsOf(event).at(-1)?.name ?? '')?.[1] ?? -1);
const names = (inputs: readonly InputField[], table: string, column: string): boolean =>
  inputs.some((input) => input.name === table && input.field.toLowerCase() === column.toLowerCase());
const shown = ({ name, field, transformations }: InputField): string =>
  `${name.split('.').at(-1)}.${field} ${transformations
    .map(({ subtype }) => subtype)
    .sort()
    .join('+')}`;

if (doorIsHere())
  describe('the lineage of random DataFrame programs', () => {
    let door: ConnectDoor;
    let collector: LineageCollector;
    let told: readonly Told[] = [];
    let failed: readonly string[] = [];
    const declared = new Map<number, LineageEvent>();
    beforeAll(async () => {
      collector = await startLineageCollector();
      door = await openConnectDoor({ SLUICE_OPENLINEAGE_URL: collector.url });
      const env = { ...door.env, LINEAGE_PROGRAMS: String(PROGRAMS), LINEAGE_SEED: SEED };
      const lines = (await programLines('lineage', env, undefined, TIMEOUT_MS)).filter((line) => line !== '');
      told = lines.filter((line) => line.startsWith('{"program":')).map((line) => JSON.parse(line) as Told);
      failed = lines
        .filter((line) => line.startsWith('{"test":'))
        .map((line) => JSON.parse(line) as { readonly test: string; readonly error: string | null })
        .flatMap(({ test, error }) => (error === null ? [] : [`${test}: ${error}`]));
      await within(TOLD_MS, async () => {
        for (const event of collector.events)
          if (event.eventType === 'COMPLETE') declared.set(programOf(event), event);
        return told.every(({ program }) => declared.has(program));
      });
    }, TIMEOUT_MS);
    afterAll(async () => {
      await door?.close();
      await collector?.close();
    });

    it(`is told of each of ${PROGRAMS} programs, with its start before its end`, () => {
      expect(failed).toEqual([]);
      expect(told).toHaveLength(PROGRAMS);
      expect(told.filter(({ program }) => !declared.has(program))).toEqual([]);
      for (const event of declared.values()) {
        const states = collector.events.filter(({ run }) => run.runId === event.run.runId);
        expect(states.map(({ eventType }) => eventType)).toEqual(['START', 'COMPLETE']);
      }
    });

    it('declares whatever changes when the values of a column change', () => {
      let informative = 0;
      const missed = told.flatMap(({ program, shuffled }) => {
        const event = declared.get(program);
        const lineage = event?.outputs[0]?.facets.columnLineage;
        if (event === undefined || lineage === undefined) return [`program ${program} has no lineage`];
        return shuffled.flatMap(({ table, column, changed }) => {
          if (names(lineage.dataset, table, column)) return [];
          informative += changed.length;
          return changed.flatMap((place) => {
            const output = fieldsOf(event)[place]?.name ?? '';
            const inputs = lineage.fields[output]?.inputFields ?? [];
            return names(inputs, table, column)
              ? []
              : [`program ${program}: ${output} from ${table}.${column}`];
          });
        });
      });
      expect(missed).toEqual([]);
      // Else nothing was tried.
      expect(informative).toBeGreaterThan(PROGRAMS / 3);
    });

    it('is exact for many of them, and says where it is not', () => {
      const exact = [...declared.values()].filter(({ run }) => run.facets.gov.lineageApproximate === false);
      expect(exact.length).toBeGreaterThan(PROGRAMS / 3);
    });

    it(
      'tells of the tables that programs write, with their columns',
      async () => {
        const written = () =>
          collector.events.filter(
            ({ eventType, outputs }) =>
              eventType === 'COMPLETE' && outputs[0]?.name === 'work.steward.from_a_frame',
          );
        expect(await within(TOLD_MS, async () => written().length === 2)).toBe(true);
        const sources = written().map(({ outputs }) => {
          const { fields } = outputs[0]!.facets.columnLineage;
          return Object.entries(fields).map(([name, { inputFields }]) => [
            name,
            inputFields.map((input) => `${input.name}.${input.field}`).sort(),
          ]);
        });
        expect(sources).toEqual([
          [
            ['id', ['shop.crm.customers.id']],
            ['mail', ['shop.crm.customers.email']],
          ],
          [
            ['id', ['shop.crm.customers.id']],
            ['mail', ['shop.crm.customers.phone', 'shop.ref.countries.name']],
          ],
        ]);
      },
      WAIT_MS,
    );

    it(
      'tells of rows that are changed: what they are given, what chose them, and how it ended',
      async () => {
        const table = 'work.steward.changed';
        const of = (state: LineageEvent['eventType']) =>
          collector.events.filter(
            ({ eventType, outputs }) => eventType === state && outputs[0]?.name === table,
          );
        expect(await within(TOLD_MS, async () => of('COMPLETE').length + of('FAIL').length === 6)).toBe(true);
        const runs = (state: LineageEvent['eventType']) => of(state).map(({ run }) => run.runId);
        expect(runs('START')).toEqual(expect.arrayContaining([...runs('COMPLETE'), ...runs('FAIL')]));
        const told = of('COMPLETE').map(({ outputs }) => {
          const { fields, dataset } = outputs[0]!.facets.columnLineage;
          return {
            fields: Object.fromEntries(
              Object.entries(fields).map(([name, { inputFields }]) => [name, inputFields.map(shown).sort()]),
            ),
            dataset: dataset.map(shown).sort(),
          };
        });
        const [, update, remove, merge, frame] = told;
        expect(update).toEqual({
          fields: { email: ['changed.country TRANSFORMATION'] },
          dataset: ['changed.id FILTER'],
        });
        expect(remove).toEqual({ fields: {}, dataset: ['changed.country FILTER'] });
        expect(merge).toEqual({
          fields: {
            id: ['customers.id IDENTITY'],
            email: ['customers.email IDENTITY', 'customers.phone TRANSFORMATION'],
            country: ['customers.country IDENTITY'],
          },
          dataset: ['changed.id JOIN', 'customers.city FILTER', 'customers.id FILTER+JOIN'],
        });
        expect(frame).toEqual({
          fields: { email: ['countries.name IDENTITY'] },
          dataset: ['changed.country JOIN', 'countries.code JOIN'],
        });
        const path = `/v1/lineage/${table}?direction=upstream&depth=1`;
        const seen = async (): Promise<readonly string[]> => {
          const answer = (await (await door.gateway.fetch(path, 'steward')).json()) as {
            readonly edges: readonly { readonly sourceColumn: string; readonly targetColumn: string }[];
          };
          return answer.edges.map(({ sourceColumn, targetColumn }) => `${sourceColumn} -> ${targetColumn}`);
        };
        expect(await within(TOLD_MS, async () => (await seen()).includes('name -> email'))).toBe(true);
        expect(await seen()).toEqual(expect.arrayContaining(['phone -> email', 'country -> ', 'id -> id']));
      },
      WAIT_MS,
    );

    it(
      'tells of a stream by the names that Spark gives its columns, when it ends and when it is stopped',
      async () => {
        const streams = () =>
          collector.events.filter(
            ({ eventType, outputs: [output] }) =>
              eventType === 'COMPLETE' &&
              ['streamed', 'stopped'].includes(output?.facets.schema.fields[1]?.name ?? ''),
          );
        expect(await within(TOLD_MS, async () => streams().length === 2)).toBe(true);
        for (const { run, outputs } of streams()) {
          const states = collector.events.filter((event) => event.run.runId === run.runId);
          expect(states.map(({ eventType }) => eventType)).toEqual(['START', 'COMPLETE']);
          expect(outputs[0]?.facets.columnLineage.fields['(total * 2)']?.inputFields.map(shown)).toEqual([
            'orders.total TRANSFORMATION',
          ]);
        }
      },
      WAIT_MS,
    );

    it('tells nothing of an analysis without columns, and so nothing without names', () => {
      const ended = collector.events.filter(({ eventType }) => eventType === 'COMPLETE');
      const crossed = ended.filter((event) => fieldsOf(event)[0]?.name === 'upper(country_city)');
      expect(crossed).toHaveLength(1);
      expect(collector.events.filter(({ job }) => job.name === crossed[0]?.job.name)).toHaveLength(2);
      const columns = ended.flatMap(({ outputs }) =>
        Object.keys(outputs[0]?.facets.columnLineage.fields ?? {}),
      );
      expect(columns.filter((name) => /^_c\d+$/.test(name))).toEqual([]);
    });

    it(
      'shows them through the API',
      async () => {
        const target = declared.get(0)?.outputs[0]?.name;
        const seen = async () => {
          const answer = await door.gateway.fetch(`/v1/lineage/${target}?direction=upstream`, 'auditor');
          return (await answer.json()) as { readonly jobs?: readonly { readonly approximate: boolean }[] };
        };
        expect(await within(TOLD_MS, async () => (await seen()).jobs?.length === 1)).toBe(true);
        expect((await seen()).jobs?.[0]?.approximate).toEqual(expect.any(Boolean));
      },
      WAIT_MS,
    );
  });
