/**
 * Operators and syntax forms: what the parser writes as `a + b`, `x LIKE y`, `a[0]`. ANSI mode: overflow and
 * division by zero raise.
 */
import {
  boundedDecimal,
  decimalFor,
  decimalResult,
  isFloating,
  isInteger,
  isNumeric,
  isOrdered,
  widerType,
} from '../../plan/coercion.js';
import {
  BIGINT,
  BOOLEAN,
  type DataType,
  type DecimalType,
  DOUBLE,
  INT,
  STRING,
  sameType,
  typeName,
} from '../../plan/types.js';
import { dateArithmetic } from './date-arithmetic.js';
import { decimalDivision } from './decimal-division.js';
import {
  anyNullable,
  arity,
  define,
  literalOf,
  literalText,
  meeting,
  quote,
  raising,
  takes,
} from './define.js';
import { javaPattern } from './java-pattern.js';
import { lowerCase } from './letter-case.js';
import { nullSafeEqual } from './null-safe-equal.js';
import type { Argument, FunctionSpec, RenderCall, Signature } from './spec.js';

const DIGITS_MAX = 38;
const duckDecimal = (type: DataType): string =>
  type.kind === 'decimal' ? `DECIMAL(${type.precision},${type.scale})` : typeName(type);

/** Arithmetic that keeps decimals exact, widens integers and turns strings into doubles. */
function arithmetic(operator: '+' | '-' | '*' | '%'): FunctionSpec['resolve'] {
  return (args) => {
    const [a, b] = args;
    if (a === undefined || b === undefined) return arity(args, 2, 2) ?? '';
    const dates =
      operator === '+' || operator === '-' || operator === '*' ? dateArithmetic(operator, a, b) : undefined;
    if (dates !== undefined) return dates;
    return numericSignature(operator, a, b);
  };
}

function numericSignature(
  operator: '+' | '-' | '*' | '%' | '/' | 'div',
  a: Argument,
  b: Argument,
): Signature | string {
  const nullable = a.nullable || b.nullable;
  const [x, y] = [numericSide(a, b), numericSide(b, a)];
  if (x === undefined || y === undefined) {
    return `it takes numbers, not ${typeName(a.type)} and ${typeName(b.type)}`;
  }
  if (x.kind === 'decimal' || y.kind === 'decimal') {
    const [dx, dy] = [decimalSide(x, a), decimalSide(y, b)];
    if (dx !== undefined && dy !== undefined) return decimalSignature(operator, dx, dy, nullable);
  }
  const wider = widerType(x, y);
  if (wider === undefined) return `it takes numbers, not ${typeName(a.type)} and ${typeName(b.type)}`;
  if (operator === '/') return { params: [DOUBLE, DOUBLE], type: DOUBLE, nullable };
  if (operator === 'div') {
    return isInteger(wider)
      ? { params: [BIGINT, BIGINT], type: BIGINT, nullable }
      : 'div takes whole numbers';
  }
  return { params: [wider, wider], type: wider, nullable };
}

/** A string next to a number becomes what ANSI makes of it; NULL becomes the other side. */
function numericSide(side: Argument, other: Argument): DataType | undefined {
  if (isNumeric(side.type)) return side.type;
  if (side.type.kind === 'void') return isNumeric(other.type) ? other.type : DOUBLE;
  if (side.type.kind === 'string') return isInteger(other.type) ? BIGINT : DOUBLE;
  return undefined;
}

/** An integer literal takes only the digits it has. */
function decimalSide(type: DataType, arg: Argument): DecimalType | undefined {
  if (isInteger(type) && typeof arg.literal === 'bigint') {
    const digits = String(arg.literal < 0n ? -arg.literal : arg.literal).length;
    return boundedDecimal(digits, 0);
  }
  return decimalFor(type);
}

function decimalSignature(
  operator: '+' | '-' | '*' | '%' | '/' | 'div',
  a: DecimalType,
  b: DecimalType,
  nullable: boolean,
): Signature | string {
  const type = decimalResult(operator, a, b);
  const exact = operator === '*' ? a.scale + b.scale : Math.max(a.scale, b.scale);
  // DuckDB multiplies exactly, or raises, as long as the digits after the point fit; the cast then rounds.
  if (!['/', 'div'].includes(operator) && type.scale < exact && !(operator === '*' && exact <= DIGITS_MAX)) {
    return `the result needs more than 38 digits: cast ${typeName(a)} and ${typeName(b)} to smaller decimals first`;
  }
  return { params: [a, b], type: operator === 'div' ? BIGINT : type, nullable };
}

/** DuckDB's own result type may be wider; the cast checks the range and raises outside it. */
const exactly = (sql: string, { type }: RenderCall): string =>
  type.kind === 'decimal' ? `CAST(${sql} AS ${duckDecimal(type)})` : `(${sql})`;

const SHORT_DIGITS_MAX = 18;
const widened = (sql: string, type: DataType | undefined): string =>
  type?.kind === 'decimal' && type.precision <= SHORT_DIGITS_MAX
    ? `CAST(${sql} AS DECIMAL(${SHORT_DIGITS_MAX + 1},${type.scale}))`
    : sql;

const infix =
  (symbol: string) =>
  (call: RenderCall): string => {
    const [a, b] = call.args;
    const dates = call.types.some((t) => ['date', 'timestamp', 'timestamp_ntz', 'interval'].includes(t.kind));
    if (dates) return dateInfix(symbol, call);
    if (call.type.kind === 'decimal' && symbol === '*') {
      // Two decimals of up to 18 digits are multiplied in 64 bits, whatever the product needs.
      const [type] = call.types;
      return exactly(`${widened(a ?? '', type)} * ${b}`, call);
    }
    if (call.type.kind === 'decimal') {
      const type = duckDecimal(call.type);
      return exactly(`CAST(${a} AS ${type}) ${symbol} CAST(${b} AS ${type})`, call);
    }
    return exactly(`${a} ${symbol} ${b}`, call);
  };

function dateInfix(symbol: string, call: RenderCall): string {
  const [a, b] = call.args;
  const [ta, tb] = call.types;
  if (ta?.kind === 'date' && tb?.kind === 'int') return `CAST(${a} ${symbol} ${b} AS DATE)`;
  if (ta?.kind === 'date' && tb?.kind === 'date')
    return `to_microseconds(CAST(${a} - ${b} AS BIGINT) * 86400000000)`;
  if (ta?.kind !== 'interval' && tb?.kind !== 'interval') {
    return `to_microseconds(epoch_us(${a}) - epoch_us(${b}))`;
  }
  const sum = `(${a} ${symbol} ${b})`;
  return call.type.kind === 'date' ? `CAST(${sum} AS DATE)` : sum;
}

const byZero = (b: string | undefined): string =>
  `CASE WHEN ${b} = 0 THEN ${raising('ARITHMETIC_ERROR')} ELSE ${b} END`;

function divide(call: RenderCall): string {
  const [a, b] = call.args;
  if (call.type.kind !== 'decimal') return `(${a} / ${byZero(b)})`;
  return decimalDivision(a ?? '', byZero(b), call.types, call.type.scale, duckDecimal(call.type));
}

function remainder(call: RenderCall): string {
  const [a, b] = call.args;
  return exactly(`${a} % ${byZero(b)}`, call);
}

const equality: FunctionSpec['resolve'] = meeting(
  2,
  (common, args) =>
    common.kind === 'map'
      ? 'maps cannot be compared'
      : { params: [common, common], type: BOOLEAN, nullable: anyNullable(args) },
  2,
);

/** NULLs inside of arrays and structs sort differently in the two engines. */
const comparison: FunctionSpec['resolve'] = (args) => {
  const found = equality(args);
  const nested = typeof found === 'string' ? undefined : found.params.find((type) => !isOrdered(type));
  return nested === undefined ? found : `it does not compare a ${nested.kind}`;
};

const logical = takes([BOOLEAN, BOOLEAN], BOOLEAN);

/** LIKE patterns are literals, so that a broken one is refused here and never at run time. */
const like: FunctionSpec['resolve'] = (args) => {
  const pattern = literalText(args, 1, 'pattern');
  if (typeof pattern === 'string') return args[1]?.type.kind === 'void' ? nullLike(args) : pattern;
  const given = args[2]?.literal;
  const character = typeof given === 'string' ? given : '\\';
  const characters = [...pattern.text];
  for (let i = 0; i < characters.length; i += 1) {
    if (characters[i] !== character) continue;
    const next = characters[i + 1];
    if (next !== '%' && next !== '_' && next !== character)
      return 'its pattern has an escape before a character that needs none';
    i += 1;
  }
  return { params: args.map(() => STRING), type: BOOLEAN, nullable: args[0]?.nullable ?? true };
};
const nullLike = (args: readonly Argument[]): Signature => ({
  params: args.map(() => STRING),
  type: BOOLEAN,
  nullable: true,
});

const likeOperator =
  (operator: string) =>
  (call: RenderCall): string => {
    const character = call.args[2] ?? quote('\\');
    const [value = '', pattern = ''] = call.args;
    const fold = operator === 'ILIKE' ? lowerCase : (sql: string): string => sql;
    return `(${fold(value)} LIKE ${fold(pattern)} ESCAPE ${character})`;
  };

const rlike: FunctionSpec['resolve'] = (args) => {
  const pattern = literalText(args, 1, 'pattern');
  if (typeof pattern === 'string') return pattern;
  const translated = javaPattern(pattern.text);
  if ('problem' in translated) return translated.problem;
  return { params: [STRING, STRING], type: BOOLEAN, nullable: args[0]?.nullable ?? true };
};

export const renderPattern = (call: RenderCall, index: number): string => {
  const translated = javaPattern(literalOf(call, index));
  if ('problem' in translated) throw new Error('a pattern was not checked');
  return quote(translated.pattern);
};

const getItem: FunctionSpec['resolve'] = (args) => {
  const [container, index] = args;
  if (container?.type.kind === 'array') {
    if (index === undefined || !isInteger(index.type)) return 'an array takes a whole number as index';
    return { params: [container.type, BIGINT], type: container.type.element, nullable: true };
  }
  if (container?.type.kind === 'map' && index !== undefined) {
    const key = widerType(container.type.key, index.type);
    if (key === undefined || !sameType(key, container.type.key))
      return `the key should be ${typeName(container.type.key)}`;
    return { params: [container.type, container.type.key], type: container.type.value, nullable: true };
  }
  return 'only arrays and maps have items';
};

function renderItem(call: RenderCall): string {
  const [container, index] = call.args;
  if (call.types[0]?.kind === 'map') return `map_extract_value(${container}, ${index})`;
  const inside = `${index} >= 0 AND ${index} < len(${container})`;
  return `CASE WHEN ${container} IS NULL OR ${index} IS NULL THEN NULL WHEN ${inside} THEN list_extract(${container}, ${index} + 1) ELSE ${raising('INVALID_INDEX')} END`;
}

const getField: FunctionSpec['resolve'] = (args) => {
  const [container, name] = args;
  if (container?.type.kind !== 'struct' || typeof name?.literal !== 'string')
    return 'only structs have fields';
  const wanted = name.literal.toLowerCase();
  const fields = container.type.fields.filter((field) => field.name.toLowerCase() === wanted);
  const [field] = fields;
  if (field === undefined || fields.length > 1) return `there is no single field ${name.literal}`;
  return { params: [container.type, STRING], type: field.type, nullable: true };
};

function renderField(call: RenderCall): string {
  const type = call.types[0];
  const wanted = literalOf(call, 1).toLowerCase();
  const name =
    type?.kind === 'struct' ? type.fields.find((f) => f.name.toLowerCase() === wanted)?.name : undefined;
  if (name === undefined) throw new Error('a field was not checked');
  return `struct_extract(${call.args[0]}, ${quote(name)})`;
}

const OPERATOR = { operator: true } as const;
/** Floating point never raises; whole numbers and decimals overflow. */
const overflows = {
  operator: true,
  raises: (types: readonly DataType[]) => !types.some(isFloating),
} as const;
const raises = { operator: true, raises: true } as const;
const negatable = (type: DataType): boolean => isNumeric(type) || type.kind === 'interval';

const unaryNumber: FunctionSpec['resolve'] = (args) => {
  const [arg] = args;
  if (arg === undefined) return 'it takes a number';
  const type = arg.type.kind === 'string' ? DOUBLE : arg.type.kind === 'void' ? INT : arg.type;
  return negatable(type)
    ? { params: [type], type, nullable: arg.nullable }
    : `it takes a number, not ${typeName(type)}`;
};

const whole = meeting(
  2,
  (common, args) => {
    if (!isInteger(common)) return 'it takes whole numbers';
    return { params: [common, common], type: common, nullable: anyNullable(args) };
  },
  2,
);

const modulo = { ...raises, aliases: ['mod'] };

const compare = (symbol: string, summary: string, resolve = comparison): FunctionSpec =>
  define(symbol, summary, resolve, `($1 ${symbol} $2)`, OPERATOR);

export const OPERATORS: readonly FunctionSpec[] = [
  define('+', 'Sum, or a date moved on.', arithmetic('+'), infix('+'), overflows),
  define('-', 'Difference, or a date moved back.', arithmetic('-'), infix('-'), overflows),
  define('*', 'Product.', arithmetic('*'), infix('*'), overflows),
  define('/', 'Quotient; raises on zero.', (a) => twoNumbers('/', a), divide, raises),
  define('%', 'Remainder, signed as the dividend; raises on zero.', arithmetic('%'), remainder, modulo),
  define(
    'div',
    'Whole part of a quotient; raises on zero.',
    (a) => twoNumbers('div', a),
    (call) => wholeDivision(call),
    raises,
  ),
  define('negative', 'The number with the other sign.', unaryNumber, '(- $1)', overflows),
  define('positive', 'The number itself.', unaryNumber, '$1', OPERATOR),
  compare('=', 'Equal.', equality),
  compare('<>', 'Not equal.', equality),
  compare('<', 'Less.'),
  compare('<=', 'Less or equal.'),
  compare('>', 'Greater.'),
  compare('>=', 'Greater or equal.'),
  define(
    '<=>',
    'Equal, NULL being equal to NULL.',
    (args) => notNull(equality(args)),
    nullSafeEqual,
    OPERATOR,
  ),
  define('and', 'Both.', logical, '($1 AND $2)', OPERATOR),
  define('or', 'Either.', logical, '($1 OR $2)', OPERATOR),
  define('not', 'Negation.', takes([BOOLEAN], BOOLEAN), '(NOT $1)', OPERATOR),
  define('||', 'Texts joined.', takes([STRING, STRING], STRING), '($1 || $2)', OPERATOR),
  define('&', 'Bitwise and.', whole, '($1 & $2)', OPERATOR),
  define('|', 'Bitwise or.', whole, '($1 | $2)', OPERATOR),
  define('^', 'Bitwise exclusive or.', whole, 'xor($1, $2)', OPERATOR),
  define(
    '~',
    'Bitwise not.',
    (args) => (args[0] && isInteger(args[0].type) ? unaryNumber(args) : 'it takes a whole number'),
    '(~ $1)',
    OPERATOR,
  ),
  define('like', 'Matches a pattern of % and _.', like, likeOperator('LIKE'), OPERATOR),
  define('ilike', 'As LIKE, without case.', like, likeOperator('ILIKE'), OPERATOR),
  define(
    'rlike',
    'Matches a regular expression.',
    rlike,
    (call) => `regexp_matches(${call.args[0]}, ${renderPattern(call, 1)})`,
    { ...OPERATOR, aliases: ['regexp_like', 'regexp'] },
  ),
  define('is_null', 'Is NULL.', isTest(), '($1 IS NULL)', OPERATOR),
  define('is_not_null', 'Is not NULL.', isTest(), '($1 IS NOT NULL)', OPERATOR),
  define('is_true', 'Is true, NULL being not.', isTest(BOOLEAN), '($1 IS TRUE)', OPERATOR),
  define('is_false', 'Is false, NULL being not.', isTest(BOOLEAN), '($1 IS FALSE)', OPERATOR),
  define('get_item', 'Item of an array (from 0; raises outside) or map.', getItem, renderItem, {
    ...OPERATOR,
    raises: (types) => types[0]?.kind === 'array',
  }),
  define('get_field', 'Field of a struct.', getField, renderField, OPERATOR),
];

function twoNumbers(operator: '/' | 'div', args: readonly Argument[]): Signature | string {
  const [a, b] = args;
  if (a === undefined || b === undefined) return arity(args, 2, 2) ?? '';
  return numericSignature(operator, a, b);
}

function wholeDivision(call: RenderCall): string {
  const [a, b] = call.args;
  if (call.types.some((type) => type.kind === 'decimal')) {
    return `CAST(trunc(${decimalDivision(a ?? '', byZero(b), call.types, 6, 'DECIMAL(38,6)')}) AS BIGINT)`;
  }
  return `(${a} // ${byZero(b)})`;
}

const notNull = (signature: Signature | string): Signature | string =>
  typeof signature === 'string' ? signature : { ...signature, nullable: false };

function isTest(param?: DataType): FunctionSpec['resolve'] {
  return (args) => {
    const [arg] = args;
    if (arg === undefined) return arity(args, 1, 1) ?? '';
    if (param !== undefined && arg.type.kind !== param.kind && arg.type.kind !== 'void')
      return `it takes ${typeName(param)}`;
    return { params: [param ?? arg.type], type: BOOLEAN, nullable: false };
  };
}
