/**
 * A Spark Connect message as the core sees it: named fields, nothing of the wire. The door hands in a `MessageSchema`
 * that knows the protocol, so that what governs a plan stays pure and knows no protobuf runtime.
 */

export interface PlanMessage {
  /** `spark.connect.Relation` */
  readonly $typeName: string;
  readonly [field: string]: unknown;
}

/** A field that is set in a message. */
export interface SetField {
  /** As code names it: `namedTable`. A case of a oneof is a field like others. */
  readonly name: string;
  /** Release of Spark that first had it: `4.0`. */
  readonly since: string;
  readonly value: unknown;
}

export interface MessageSchema {
  setFields(message: PlanMessage): readonly SetField[];
  /** Oneofs of which no case is set. */
  unsetOneofs(message: PlanMessage): readonly string[];
  /** Did the bytes hold fields that no release we know has? */
  hasUnknown(message: PlanMessage): boolean;
  /** Every message directly below, lists, maps and oneofs included. */
  children(message: PlanMessage): readonly PlanMessage[];
  /** The message with each message directly below replaced; itself when nothing changed. */
  mapChildren(message: PlanMessage, map: (child: PlanMessage) => PlanMessage): PlanMessage;
  /** `make('Relation', {...})`: nested messages may be plain objects. */
  make(name: string, fields: Readonly<Record<string, unknown>>): PlanMessage;
}

export const PACKAGE = 'spark.connect.';

/** `Relation` of `spark.connect.Relation`. */
export const kindOf = (message: PlanMessage): string => message.$typeName.slice(PACKAGE.length);

export interface Case {
  readonly case: string;
  readonly value: PlanMessage;
}

/** The case of a oneof that is set to a message. */
export function caseOf(message: PlanMessage, oneof: string): Case {
  const found = message[oneof] as { readonly case?: string; readonly value?: unknown } | undefined;
  return { case: found?.case ?? '', value: found?.value as PlanMessage };
}

export const relationCase = (relation: PlanMessage): Case => caseOf(relation, 'relType');
export const expressionCase = (expression: PlanMessage): Case => caseOf(expression, 'exprType');

export const textOf = (message: PlanMessage, field: string): string => {
  const value = message[field];
  return typeof value === 'string' ? value : '';
};
