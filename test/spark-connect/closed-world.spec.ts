/**
 * The closed world of the door without a server: every choice of the protocol is judged, what is not let through is
 * refused whatever it is wrapped in, and no bytes make anything else than a refusal or a plan that is proved closed.
 */
import { readFileSync } from 'node:fs';
import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { GovernanceError } from '../../src/core/errors.js';
import { ALLOWED } from '../../src/core/plan/connect/allowed.js';
import { provePlanClosed } from '../../src/core/plan/connect/closed.js';
import { replaceLeaves } from '../../src/core/plan/connect/leaves.js';
import type { PlanMessage } from '../../src/core/plan/connect/message.js';
import { normalizePlan } from '../../src/core/plan/connect/normalize.js';
import { requireAllowed } from '../../src/core/plan/connect/require-allowed.js';
import { messageSchema } from '../../src/doors/spark-connect/message-schema.js';
import { planShape } from '../../src/gateway/connect/plan-shape.js';
import { planTexts } from '../../src/gateway/connect/plan-texts.js';
import { connectRegistry, connectType, fieldSince } from '../../src/proto/connect.js';
import { type ConnectMessage, decode, encode, make } from '../../src/proto/message.js';
import { randomFrom, randomMessage } from '../support/random-message.js';
import { ROOT } from '../support/sources.js';

const SERVER = '4.2.0';
const FACTS = { user: 'ana', catalog: 'shop', schema: 'main' };
const PLANS = 4_000;
const SQL = 'SELECT c1 FROM (judged)';

const words = (text: string | undefined): readonly string[] =>
  (text ?? '').split(/\s+/).filter((word) => word !== '');
const judged = Object.entries(
  parse(readFileSync(`${ROOT}/test/corpus/spark-connect.yaml`, 'utf8')) as Record<
    string,
    { readonly allowed: string; readonly refused: string; readonly alone?: string }
  >,
);

describe('the protocol', () => {
  it.each(judged)('%s: every case is judged once', (message, { allowed, refused, alone }) => {
    const cases = connectType(message).oneofs.flatMap((oneof) => oneof.fields.map(({ name }) => name));
    expect([...words(allowed), ...words(refused), ...words(alone)].sort()).toEqual([...cases].sort());
  });

  it.each(judged.filter(([message]) => ALLOWED.has(message)))(
    '%s: the code says the same',
    (message, { allowed }) => {
      const cases = connectType(message).oneofs.flatMap((oneof) => oneof.fields);
      const passing = cases
        .filter(({ localName }) => ALLOWED.get(message)?.has(localName))
        .map(({ name }) => name);
      expect([...passing].sort()).toEqual([...words(allowed)].sort());
    },
  );

  it('has every message and field that is let through', () => {
    for (const [message, fields] of ALLOWED) {
      const names = new Set(connectType(message).fields.map(({ localName }) => localName));
      expect([...fields].filter((field) => !names.has(field))).toEqual([]);
    }
  });

  it('has nothing let through that leads to a message without a rule', () => {
    const open = [...ALLOWED].flatMap(([message, fields]) =>
      connectType(message)
        .fields.filter(({ localName, message: below }) => fields.has(localName) && below !== undefined)
        .map((field) => field.message?.typeName.replace('spark.connect.', '') ?? '')
        .filter((below) => !ALLOWED.has(below) && !below.endsWith('Entry')),
    );
    expect(open).toEqual([]);
  });
});

const texts = planTexts(FACTS);

/** As the door does it, with leaves that are one and the same judged text. */
function pass(message: ConnectMessage): PlanMessage {
  requireAllowed(message as PlanMessage, messageSchema, SERVER);
  const plan = normalizePlan(message as PlanMessage, messageSchema, texts, FACTS);
  const leaf = () => make('Relation', { relType: { case: 'sql', value: { query: SQL } } });
  const models = new Set<string>();
  const final = replaceLeaves(plan, messageSchema, {
    namedTable: leaf,
    sql: leaf,
    uploaded: leaf,
    kept: leaf,
    model: (id) => models.add(id),
  });
  provePlanClosed(final, messageSchema, {
    sql: new Set([SQL]),
    views: new Set(),
    kept: new Set(),
    uploaded: new Set(),
    models,
  });
  try {
    planShape(plan, messageSchema);
  } catch (error) {
    // The text of a SQL leaf is read when it is bound.
    if (!(error instanceof GovernanceError)) throw error;
  }
  return final;
}

/** Passes, or is refused properly. */
function verdict(make_: () => ConnectMessage): 'passes' | 'refused' {
  try {
    pass(make_());
    return 'passes';
  } catch (error) {
    if (error instanceof GovernanceError && error.code !== 'SECOND_CHECK') return 'refused';
    throw error;
  }
}

const allowedOnly = (desc: DescMessage, field: DescField): boolean =>
  ALLOWED.get(desc.typeName.replace('spark.connect.', ''))?.has(field.localName) === true &&
  fieldSince(field) <= '4.2';

describe('a random plan', () => {
  it('is refused or proved closed', () => {
    const counts = { passes: 0, refused: 0 };
    for (let seed = 0; seed < PLANS; seed += 1) {
      const random = randomFrom(seed);
      const only = seed % 4 === 0 ? undefined : allowedOnly;
      counts[verdict(() => randomMessage(connectType('Relation'), random, only, 1 + (seed % 5)))] += 1;
    }
    expect(counts.passes).toBeGreaterThan(PLANS / 20);
    expect(counts.refused).toBeGreaterThan(PLANS / 4);
  });

  it('of damaged bytes is refused, or proved closed', () => {
    let decoded = 0;
    for (let seed = 0; seed < PLANS; seed += 1) {
      const random = randomFrom(seed);
      const bytes = Uint8Array.from(encode(randomMessage(connectType('Relation'), random, allowedOnly, 3)));
      damage(bytes, random);
      const cut = random() < 0.3 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
      let message: ConnectMessage;
      try {
        message = decode(connectType('Relation'), cut);
      } catch {
        continue;
      }
      decoded += 1;
      verdict(() => message);
    }
    expect(decoded).toBeGreaterThan(PLANS / 20);
  });
});

function damage(bytes: Uint8Array, random: () => number): void {
  for (let i = 0; i < 1 + random() * 3; i += 1) {
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  }
}

describe('what is not let through', () => {
  const range = make('Relation', { relType: { case: 'range', value: { end: 1n, step: 1n } } });
  /** Every message that has no rule, at every place of a plan that could hold it. */
  const forbidden = [...connectRegistry].flatMap((type) =>
    type.kind === 'message' && type.typeName.startsWith('spark.connect.')
      ? type.fields
          .filter(() => ALLOWED.has(type.typeName.replace('spark.connect.', '')))
          .filter((field) => !ALLOWED.get(type.typeName.replace('spark.connect.', ''))?.has(field.localName))
          .filter((field) => field.message?.typeName.startsWith('spark.connect.') === true)
          .map((field) => [field.toString(), type, field] as const)
      : [],
  );

  it('is a long list', () => expect(forbidden.length).toBeGreaterThan(20));

  it.each(forbidden)('%s is refused', (_, type, field) => {
    const held = make(field.message?.typeName.replace('spark.connect.', '') ?? '', {});
    const value = field.fieldKind === 'list' ? [held] : held;
    const fields =
      field.oneof === undefined
        ? { [field.localName]: value }
        : { [field.oneof.localName]: { case: field.localName, value } };
    const message = make(type.typeName.replace('spark.connect.', ''), fields);
    expect(() => requireAllowed(message as PlanMessage, messageSchema, '4.9')).toThrow(GovernanceError);
  });

  it('is refused below anything', () => {
    const bad = make('Relation', { relType: { case: 'mapPartitions', value: { input: range } } });
    const join = make('Relation', {
      relType: { case: 'join', value: { left: range, right: bad, joinType: 1 } },
    });
    expect(() => pass(join)).toThrow('mapPartitions');
  });

  it('is a field that no release knows, at any depth', () => {
    /** Field 12345, a varint. */
    const unknown = Uint8Array.of(0xc8, 0x83, 0x06, 1);
    const odd = decode(connectType('Relation'), Uint8Array.from([...encode(range), ...unknown]));
    for (const plan of [
      odd,
      make('Relation', { relType: { case: 'limit', value: { input: odd, limit: 1 } } }),
    ]) {
      expect(() => pass(plan)).toThrow('unknown field');
    }
  });

  it('is a field of a message that has a rule', () => {
    const file = { isStreaming: true, readType: { case: 'dataSource', value: { format: 'text' } } };
    expect(() => pass(make('Relation', { relType: { case: 'read', value: file } }))).toThrow('dataSource');
  });

  it.each([
    ['of a table that is no stream', false, { maxFilesPerTrigger: '1' }],
    ['that is not on the list', true, { path: '/lake' }],
    ['with a value that is none', true, { maxFilesPerTrigger: '0' }],
  ])('is an option %s', (_, isStreaming, options) => {
    const named = (more: object) =>
      make('Relation', {
        relType: {
          case: 'read',
          value: {
            isStreaming,
            readType: { case: 'namedTable', value: { unparsedIdentifier: 'a', ...more } },
          },
        },
      });
    expect(() => pass(named({}))).not.toThrow();
    expect(() => pass(named({ options }))).toThrow('option');
  });

  it('is newer than the server', () => {
    const zip = make('Relation', { relType: { case: 'zip', value: { left: range, right: range } } });
    expect(() => pass(zip)).toThrow('4.3');
    expect(() => requireAllowed(zip as PlanMessage, messageSchema, '4.10.1')).not.toThrow();
  });
});

describe('the last look at a plan', () => {
  const sql = (query: string, more = {}) =>
    make('Relation', { relType: { case: 'sql', value: { query, ...more } } });
  const over = (input: PlanMessage): PlanMessage =>
    make('Relation', { relType: { case: 'limit', value: { input, limit: 1 } } });
  const read = (unparsedIdentifier: string, more = {}) => {
    const readType = { case: 'namedTable', value: { unparsedIdentifier, ...more } };
    return make('Relation', { relType: { case: 'read', value: { readType } } });
  };
  const kept = make('Relation', { relType: { case: 'cachedRemoteRelation', value: { relationId: 'x' } } });
  const code = make('Expression', {
    exprType: { case: 'commonInlineUserDefinedFunction', value: { functionName: 'f' } },
  });
  const prove = (plan: PlanMessage) => () =>
    provePlanClosed(plan, messageSchema, {
      sql: new Set([SQL]),
      views: new Set(['ours']),
      kept: new Set(['y']),
      uploaded: new Set(),
      models: new Set(['mine']),
    });

  const transform = (operator: object): PlanMessage =>
    make('Relation', {
      relType: {
        case: 'mlRelation',
        value: { mlType: { case: 'transform', value: { input: sql(SQL), operator } } },
      },
    });
  const model = (id: string): PlanMessage => transform({ case: 'objRef', value: { id } });
  const transformer = (name: string): PlanMessage => transform({ case: 'transformer', value: { name } });

  it('lets a model of the session pass', () => expect(prove(over(model('mine')))).not.toThrow());
  it('lets a transformer pass', () =>
    expect(prove(over(transformer('org.apache.spark.ml.feature.Tokenizer')))).not.toThrow());
  it('lets judged SQL pass', () => expect(prove(over(sql(SQL)))).not.toThrow());
  it('lets a view of ours pass', () => expect(prove(over(read('ours')))).not.toThrow());

  it.each([
    ['a table by its name', over(read('a'))],
    ['a view of ours with options', over(read('ours', { options: { x: 'y' } }))],
    ['SQL that was not judged', over(sql(`${SQL} `))],
    ['a model of another session', over(model('theirs'))],
    ['a transformer that runs SQL', over(transformer('org.apache.spark.ml.feature.SQLTransformer'))],
    [
      'judged SQL with arguments',
      over(sql(SQL, { posArgs: [{ literalType: { case: 'long', value: 1n } }] })),
    ],
    ["someone else's result", over(kept)],
    [
      'uploaded rows that nobody asked for',
      make('Relation', { relType: { case: 'cachedLocalRelation', value: { hash: 'h' } } }),
    ],
    [
      'code',
      make('Relation', { relType: { case: 'project', value: { input: sql(SQL), expressions: [code] } } }),
    ],
    ['the catalogue', make('Relation', { relType: { case: 'catalog', value: {} } })],
  ])('refuses %s', (_, plan) => expect(prove(plan as PlanMessage)).toThrow('second judge'));
});
