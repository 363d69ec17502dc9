/**
 * Code of the caller's, wherever the protocol can carry it. What runs on the executors reads what they can read, the lake's
 * files included, so there is no plan in which it would be governed.
 */
import { GovernanceError } from '../../errors.js';

/** Fields of messages, and commands. */
const CARRIERS = new Set(
  `Expression.commonInlineUserDefinedFunction Expression.typedAggregateExpression Relation.mapPartitions
   Relation.groupMap Relation.coGroupMap Relation.applyInPandasWithState
   Relation.commonInlineUserDefinedTableFunction Relation.commonInlineUserDefinedDataSource
   Command.registerFunction Command.registerTableFunction Command.registerDataSource`.split(/\s+/),
);

export const carriesCode = (field: string): boolean => CARRIERS.has(field);

export const codeRefused = (what: string): GovernanceError =>
  new GovernanceError('CODE_NOT_ALLOWED', `${what} would run code of yours beside the data.`, {
    remedy: 'Use functions of Spark instead, or collect what you may see and go on in your own program.',
    sqlState: '42501',
  });
