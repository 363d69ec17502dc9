export interface FunctionCorpus {
  readonly inputs: Readonly<Record<string, readonly string[]>>;
  readonly calls: Readonly<Record<string, readonly string[]>>;
  readonly aggregates: Readonly<Record<string, readonly string[]>>;
  readonly windows: Readonly<Record<string, readonly string[]>>;
}
export declare const ROWS: string;
export declare function questionsOf(corpus: FunctionCorpus): Readonly<Record<string, readonly string[]>>;
