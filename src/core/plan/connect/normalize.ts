/**
 * A plan in its normal form: only what the gateway understood is left, in its own words. Names are read and quoted again,
 * SQL expressions and types are parsed and printed again, functions must be on the list, call sites are gone. Whatever
 * would lead to a table or to the session is still there: `leaves.ts` replaces it.
 */
import { GovernanceError } from '../../errors.js';
import {
  FUNCTION_NAMES,
  HINT_NAMES,
  INTERNAL_FUNCTION_NAMES,
  SCHEMA_FUNCTION_NAMES,
  SESSION_FUNCTION_NAMES,
  TABLE_FUNCTION_NAMES,
} from './functions.js';
import { columnNameParts, quoteParts, requireNoMetadata } from './identifiers.js';
import { caseOf, expressionCase, kindOf, type MessageSchema, type PlanMessage, textOf } from './message.js';
import { requireAttributes, requireOperator, requireParams, TRANSFORMERS } from './ml.js';
import { notAllowed } from './require-allowed.js';
import { readMetadataJson, readSchemaJson } from './schema-json.js';
import { calling, type SessionFunction, type SessionFunctions } from './session-functions.js';
import { requireReadOptions } from './stream-read.js';

/** What the core's SQL rooms do for plans; handed in, because `sql` is built on `plan`. */
export interface PlanTexts {
  /** A SQL expression, parsed and printed for Spark; which functions of the session it calls. */
  expression(text: string): { readonly text: string; readonly calls: readonly SessionFunction[] };
  /** A type as Spark writes it, parsed and printed. */
  type(text: string): string;
  /** Columns with types (`a INT, b STRING`), parsed and printed. */
  columns(text: string): string;
}

export interface SessionFacts {
  readonly user: string;
  readonly catalog: string;
  readonly schema: string;
  /** Absent: none may be called. */
  readonly functions?: SessionFunctions;
}

const REGEX_CHARS_MAX = 1_000;
const OPTION = /^[A-Za-z]{1,60}$/;
const DELAY = /^[A-Za-z0-9 .'-]{1,100}$/;
/** Messages with column names in plain text. */
const NAME_FIELDS: Readonly<Record<string, readonly string[]>> = {
  Join: ['usingColumns'],
  AsOfJoin: ['usingColumns'],
  Drop: ['columnNames'],
  Deduplicate: ['columnNames'],
  StatDescribe: ['cols'],
  StatCrosstab: ['col1', 'col2'],
  StatCov: ['col1', 'col2'],
  StatCorr: ['col1', 'col2'],
  StatApproxQuantile: ['cols'],
  StatFreqItems: ['cols'],
  NAFill: ['cols'],
  NADrop: ['cols'],
  NAReplace: ['cols'],
  WithWatermark: ['eventTime'],
  'WithColumnsRenamed.Rename': ['colName'],
};

type Handler = (message: PlanMessage, normalizer: Normalizer) => PlanMessage;

const HANDLERS: Readonly<Record<string, Handler>> = {
  RelationCommon: ({ $typeName, planId }) => ({ $typeName, sourceInfo: '', planId }),
  Expression: (message, n) => n.expression(message),
  'Expression.UnresolvedAttribute': (message) => {
    if (message.isMetadataColumn === true) throw notAllowed('A hidden column', 'Name what the table shows.');
    const parts = columnNameParts(textOf(message, 'unparsedIdentifier'));
    return { ...message, unparsedIdentifier: quoteParts(parts) };
  },
  'Expression.UnresolvedStar': (message) => {
    const target = message.unparsedTarget;
    if (target === undefined) return message;
    if (typeof target !== 'string' || !target.endsWith('.*')) throw notAllowed('A star that is not like t.*');
    return { ...message, unparsedTarget: `${quoteParts(columnNameParts(target.slice(0, -2)))}.*` };
  },
  'Expression.UnresolvedRegex': (message) => {
    if (textOf(message, 'colName').length > REGEX_CHARS_MAX)
      throw notAllowed('So long a pattern for column names');
    return message;
  },
  'Expression.UpdateFields': (message) => {
    columnNameParts(textOf(message, 'fieldName'));
    return message;
  },
  'Expression.UnresolvedFunction': (message, n) =>
    n.ofSession(message) === undefined ? requireFunction(message, message.isInternal === true) : message,
  CallFunction: (message, n) =>
    n.ofSession(message) === undefined ? requireFunction(message, false) : message,
  'Expression.ExpressionString': (message, { texts }) => {
    const { text, calls } = texts.expression(textOf(message, 'expression'));
    return calling({ ...message, expression: text }, calls);
  },
  'Expression.Cast': (message, { texts }) => {
    const target = message.castToType as { readonly case?: string; readonly value?: unknown };
    if (target.case !== 'typeStr') return message;
    return { ...message, castToType: { case: 'typeStr', value: texts.type(String(target.value)) } };
  },
  'Expression.Alias': (message) =>
    message.metadata === undefined
      ? message
      : { ...message, metadata: readMetadataJson(String(message.metadata)) },
  'DataType.Unparsed': (message, { texts }) => ({
    ...message,
    dataTypeString: typeOrColumns(textOf(message, 'dataTypeString'), texts),
  }),
  'DataType.StructField': (message) =>
    message.metadata === undefined
      ? message
      : { ...message, metadata: readMetadataJson(String(message.metadata)) },
  LocalRelation: (message, { texts }) => {
    if (message.schema === undefined) return message;
    const schema = String(message.schema);
    const json = /^\s*[{"]/.test(schema);
    return { ...message, schema: json ? readSchemaJson(schema) : texts.columns(schema) };
  },
  Read: (message) => {
    requireReadOptions(message);
    return message;
  },
  'MlRelation.Transform': (message) => {
    const { case: kind, value } = caseOf(message, 'operator');
    if (kind === 'transformer') requireOperator(value, TRANSFORMERS);
    return message;
  },
  MlParams: (message) => {
    requireParams(message);
    return message;
  },
  Fetch: (message) => {
    requireAttributes(message);
    return message;
  },
  WithWatermark: (message) => {
    if (!DELAY.test(textOf(message, 'delayThreshold')))
      throw notAllowed('This delay of a watermark', 'Say it like "10 minutes".');
    return message;
  },
  Hint: (message) => requireListed(message, 'name', HINT_NAMES, 'The hint'),
  UnresolvedTableValuedFunction: (message) =>
    requireListed(message, 'functionName', TABLE_FUNCTION_NAMES, 'The table function'),
  WithColumnsRenamed: (message) => {
    for (const name of Object.keys(message.renameColumnsMap ?? {})) requireNoMetadataIn(name);
    return message;
  },
  Parse: (message) => {
    const wrong = Object.keys(message.options ?? {}).find((option) => !OPTION.test(option));
    if (wrong !== undefined) throw notAllowed('An option of a parser with such a name');
    return message;
  },
};

export function normalizePlan(
  plan: PlanMessage,
  schema: MessageSchema,
  texts: PlanTexts,
  session: SessionFacts,
): PlanMessage {
  return new Normalizer(schema, texts, session).message(plan);
}

class Normalizer {
  constructor(
    private readonly schema: MessageSchema,
    readonly texts: PlanTexts,
    private readonly session: SessionFacts,
  ) {}

  message(message: PlanMessage): PlanMessage {
    const kind = kindOf(message);
    for (const field of NAME_FIELDS[kind] ?? []) {
      for (const name of [message[field]].flat()) requireNoMetadataIn(String(name));
    }
    const mapped = this.schema.mapChildren(message, (child) => this.message(child));
    const handler = Object.hasOwn(HANDLERS, kind) ? HANDLERS[kind] : undefined;
    return handler === undefined ? mapped : handler(mapped, this);
  }

  /** Call sites say where on the caller's machine a program lies. Facts of the session become constants. */
  expression(message: PlanMessage): PlanMessage {
    const { common: _, ...rest } = message;
    const expression = rest as PlanMessage;
    const { case: kind, value } = expressionCase(expression);
    if (kind !== 'unresolvedFunction' && kind !== 'callFunction') return expression;
    const own = this.ofSession(value);
    if (own !== undefined) return this.callOf(own, value);
    const name = textOf(value, 'functionName').toLowerCase();
    if (!SESSION_FUNCTION_NAMES.has(name)) return expression;
    const { user, catalog, schema } = this.session;
    const answer = name === 'current_catalog' ? catalog : name.includes('user') ? user : schema;
    const literal = this.schema.make('Expression', {
      exprType: { case: 'literal', value: { literalType: { case: 'string', value: answer } } },
    });
    return this.schema.make('Expression', {
      exprType: { case: 'alias', value: { expr: literal, name: [`${name}()`] } },
    });
  }

  /** The function of the session that is called. Built-in ones come first: none of the session has such a name. */
  ofSession(call: PlanMessage): SessionFunction | undefined {
    return this.session.functions?.get(textOf(call, 'functionName').toLowerCase());
  }

  /** The call with the code in it. */
  private callOf({ definition }: SessionFunction, call: PlanMessage): PlanMessage {
    const value = { ...definition, arguments: call.arguments, isDistinct: call.isDistinct === true };
    return this.schema.make('Expression', {
      exprType: { case: 'commonInlineUserDefinedFunction', value },
    });
  }
}

function requireFunction(message: PlanMessage, internal: boolean): PlanMessage {
  const name = textOf(message, 'functionName').toLowerCase();
  const known =
    INTERNAL_FUNCTION_NAMES.has(name) ||
    (!internal && (FUNCTION_NAMES.has(name) || SESSION_FUNCTION_NAMES.has(name)));
  if (!known) {
    throw new GovernanceError(
      'FUNCTION_NOT_ALLOWED',
      `The function ${shown(name)} is not one that may be called.`,
      {
        remedy: 'Use a function that computes a value from its arguments; code of your own is not run here.',
        sqlState: '42883',
      },
    );
  }
  if (SCHEMA_FUNCTION_NAMES.has(name)) requireSchemaArgument(message);
  return message;
}

/** As in Spark, columns with types are a type. */
function typeOrColumns(text: string, texts: PlanTexts): string {
  try {
    return texts.type(text);
  } catch (error) {
    try {
      return texts.columns(text);
    } catch {
      throw error;
    }
  }
}

/** A schema as text may be JSON, and JSON may name classes. */
function requireSchemaArgument(message: PlanMessage): void {
  const argument = (message.arguments as readonly PlanMessage[])[1];
  if (argument === undefined) return;
  const { case: kind, value } = expressionCase(argument);
  if (kind !== 'literal') return;
  const literal = value.literalType as { readonly case?: string; readonly value?: unknown };
  if (literal.case === 'string' && /^\s*[{"]/.test(String(literal.value)))
    readSchemaJson(String(literal.value));
}

function requireListed(
  message: PlanMessage,
  field: string,
  names: ReadonlySet<string>,
  what: string,
): PlanMessage {
  const name = textOf(message, field);
  if (!names.has(name.toLowerCase())) throw notAllowed(`${what} ${shown(name)}`);
  return message;
}

function requireNoMetadataIn(name: string): void {
  for (const part of name.split(/[.`]/)) requireNoMetadata(part);
}

/** A name in an answer: what the caller sent, but no page of it. */
const shown = (name: string): string => JSON.stringify(name.slice(0, 60));
