/**
 * What a DataFrame plan is, apart from its values, for the record: kinds, names and functions, `?` for every literal, and
 * the literals beside it. SQL in it is written as SQL.
 */
import { kindOf, type MessageSchema, type PlanMessage, textOf } from '../../core/plan/connect/message.js';
import { parseStatement } from '../../core/sql/parse.js';
import { type StatementShape, statementShape } from '../../core/sql/shape.js';

const SHAPE_CHARS_MAX = 65_536;
const LITERALS_MAX = 10_000;
const LITERAL_CHARS_MAX = 1_024;
/** An expression may have a name or be a star, so it is read as the item of one. */
const SELECT = 'SELECT ';
/** Fields that say nothing of what is read. */
const LEFT_OUT = new Set(['common', 'planId', 'typeVariationReference']);

export function planShape(plan: PlanMessage, schema: MessageSchema): StatementShape {
  const writer = new ShapeWriter(schema);
  const shape = writer.message(plan);
  return {
    shape: shape.length > SHAPE_CHARS_MAX ? `${shape.slice(0, SHAPE_CHARS_MAX)}...` : shape,
    literals: writer.literals,
  };
}

class ShapeWriter {
  readonly literals: string[] = [];

  constructor(private readonly schema: MessageSchema) {}

  message(message: PlanMessage): string {
    const kind = kindOf(message);
    switch (kind) {
      case 'Expression.Literal':
        return this.literal(JSON.stringify(message.literalType, plain));
      case 'SQL': {
        const { shape, literals } = statementShape(
          parseStatement(textOf(message, 'query'), { parameters: 'statement' }),
        );
        for (const each of literals) this.literal(each);
        return `sql ${JSON.stringify(shape)}${this.fields(message, ['query'])}`;
      }
      case 'Expression.ExpressionString':
        return this.expression(textOf(message, 'expression'));
      case 'LocalRelation':
        return 'rows';
      case 'Relation':
      case 'Expression':
        return this.only(message);
      default:
        return `${kind}${this.fields(message, [])}`;
    }
  }

  /** Of a oneof, the case says it all. */
  private only(message: PlanMessage): string {
    const [field] = this.schema.setFields(message).filter(({ name }) => name !== 'common');
    return field === undefined ? '' : this.message(field.value as PlanMessage);
  }

  private fields(message: PlanMessage, without: readonly string[]): string {
    const fields = this.schema
      .setFields(message)
      .filter(({ name }) => !LEFT_OUT.has(name) && !without.includes(name))
      .map(({ name, value }) => `${name}: ${this.value(value)}`);
    return fields.length === 0 ? '' : `(${fields.join(', ')})`;
  }

  private value(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map((each) => this.value(each)).join(', ')}]`;
    if (value instanceof Uint8Array) return 'bytes';
    if (typeof value !== 'object' || value === null) return String(value);
    if ('$typeName' in value) return this.message(value as PlanMessage);
    return `{${Object.entries(value)
      .map(([key, each]) => `${key}: ${this.value(each)}`)
      .join(', ')}}`;
  }

  private expression(text: string): string {
    const { shape, literals } = statementShape(parseStatement(`${SELECT}${text}`, { parameters: 'none' }));
    for (const each of literals) this.literal(each);
    return shape.slice(SELECT.length);
  }

  private literal(text: string): '?' {
    if (this.literals.length < LITERALS_MAX) this.literals.push(text.slice(0, LITERAL_CHARS_MAX));
    return '?';
  }
}

function plain(key: string, value: unknown): unknown {
  if (key === '$typeName' || key === '$unknown') return undefined;
  if (typeof value === 'bigint') return String(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}
