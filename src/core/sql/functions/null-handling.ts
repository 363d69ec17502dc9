/** NULLs asked for by name, and values chosen by what they equal. */
import { commonType, isNumeric } from '../../plan/coercion.js';
import { BOOLEAN, type DataType, INT, STRING, typeName } from '../../plan/types.js';
import { arity, define, meeting, quote } from './define.js';
import { nullSafeEqual } from './null-safe-equal.js';
import type { FunctionSpec, RenderCall } from './spec.js';

const anyOne: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 1, 1);
  const [arg] = args;
  if (wrong !== undefined || arg === undefined) return wrong ?? '';
  return { params: [arg.type], type: BOOLEAN, nullable: false };
};

const named: FunctionSpec['resolve'] = (args) => {
  const found = anyOne(args);
  return typeof found === 'string' ? found : { ...found, type: STRING };
};

/** A number, beside the INT 0. */
const withZero =
  (nullable: boolean, result: (given: DataType, common: DataType) => DataType): FunctionSpec['resolve'] =>
  (args) => {
    const wrong = arity(args, 1, 1);
    const [arg] = args;
    if (wrong !== undefined || arg === undefined) return wrong ?? '';
    const common = commonType([arg.type, INT]);
    if (common === undefined || !isNumeric(common) || !isNumeric(arg.type)) return 'it takes a number';
    const type = result(arg.type, common);
    return { params: [type], type, nullable };
  };

const equality = meeting(
  2,
  (common) =>
    common.kind === 'map'
      ? 'maps cannot be compared'
      : { params: [common, common], type: BOOLEAN, nullable: false },
  2,
);

export const NULL_HANDLING: readonly FunctionSpec[] = [
  define('isnull', 'Is NULL.', anyOne, '($1 IS NULL)'),
  define('isnotnull', 'Is not NULL.', anyOne, '($1 IS NOT NULL)'),
  define('equal_null', 'Equal, NULL being equal to NULL.', equality, nullSafeEqual),
  define(
    'zeroifnull',
    'Zero where the number is NULL.',
    withZero(false, (_, common) => common),
    'coalesce($1, 0)',
  ),
  define(
    'nullifzero',
    'NULL where the number is zero.',
    withZero(true, (given) => given),
    'CASE WHEN $1 = 0 THEN NULL ELSE $1 END',
  ),
  define('typeof', 'Name of the type.', named, ({ types: [type] }: RenderCall) =>
    quote(type === undefined ? '' : typeName(type)),
  ),
];
