/**
 * Results as an Arrow IPC stream: which Arrow type holds values of a Spark type, and the messages of the stream. The
 * types are those that Spark itself gives, so a client sees the same from every engine.
 */
import {
  type DataType as ArrowType,
  Binary,
  Bool,
  type Data,
  DateDay,
  Decimal,
  DurationMicrosecond,
  Field,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  IntervalYearMonth,
  List,
  Map_,
  makeData,
  Null,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow';
import { uniqueNames } from '../../core/plan/output-names.js';
import type { Column } from '../../core/plan/plan.js';
import type { AtomicKind, DataType } from '../../core/plan/types.js';

const DECIMAL_BITS = 128;

const ATOMIC: Readonly<Record<AtomicKind, () => ArrowType>> = {
  void: () => new Null(),
  boolean: () => new Bool(),
  tinyint: () => new Int8(),
  smallint: () => new Int16(),
  int: () => new Int32(),
  bigint: () => new Int64(),
  float: () => new Float32(),
  double: () => new Float64(),
  string: () => new Utf8(),
  binary: () => new Binary(),
  date: () => new DateDay(),
  timestamp: () => new TimestampMicrosecond('UTC'),
  timestamp_ntz: () => new TimestampMicrosecond(),
};

export function arrowType(type: DataType): ArrowType {
  switch (type.kind) {
    case 'decimal':
      return new Decimal(type.scale, type.precision, DECIMAL_BITS);
    case 'interval':
      return type.family === 'year-month' ? new IntervalYearMonth() : new DurationMicrosecond();
    case 'array':
      return new List(new Field('element', arrowType(type.element), true));
    case 'map': {
      const pair = [
        new Field('key', arrowType(type.key), false),
        new Field('value', arrowType(type.value), true),
      ];
      return new Map_(new Field('entries', new Struct(pair), false) as never);
    }
    case 'struct':
      return new Struct(type.fields.map((field) => new Field(field.name, arrowType(field.type), true)));
    default:
      return ATOMIC[type.kind]();
  }
}

/** The stream's messages, one after the other; only who has them all may send the end. */
export class ArrowMessages {
  readonly #writer = new MessageWriter();
  readonly #schema: Schema;

  constructor(output: readonly Column[]) {
    const names = uniqueNames(output);
    this.#schema = new Schema(
      output.map((column, i) => new Field(names[i] ?? '', arrowType(column.type), true)),
    );
  }

  schema(): Buffer {
    this.#writer.reset(undefined, this.#schema);
    return this.#writer.take();
  }

  batch(rows: number, children: readonly Data[]): Buffer {
    const type = new Struct(this.#schema.fields);
    const data = makeData({ type, length: rows, nullCount: 0, children: [...children] });
    this.#writer.write(new RecordBatch(this.#schema, data));
    return this.#writer.take();
  }

  /** A reader that has not seen it knows that something is missing. */
  end(): Buffer {
    this.#writer.finish();
    return this.#writer.take();
  }
}

/** Gives its bytes away as they are made, copied: what they were made of belongs to the engine. */
class MessageWriter extends RecordBatchStreamWriter {
  #pieces: Uint8Array[] = [];

  take(): Buffer {
    const taken = Buffer.concat(this.#pieces);
    this.#pieces = [];
    return taken;
  }

  protected override _write(chunk: ArrayBufferView): this {
    if (!this._started) return this;
    const { buffer, byteOffset, byteLength } = chunk;
    if (byteLength > 0) this.#pieces.push(new Uint8Array(buffer, byteOffset, byteLength));
    this._position += byteLength;
    return this;
  }
}
