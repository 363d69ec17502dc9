/** A position in the token list, with the checks and errors every parser function shares. */
import { GovernanceError, type Position } from '../errors.js';
import type { Identifier, Node, QualifiedName } from './ast.js';
import { statementDepthMaxLevels, tooDeep } from './limits.js';
import type { Token } from './tokens.js';

/**
 * Strictly reserved where a name could stand; Spark in its default mode reserves only these for aliases and
 * joins.
 */
const NOT_AN_ALIAS = new Set(
  (
    'SELECT FROM WHERE GROUP HAVING ORDER LIMIT OFFSET UNION EXCEPT MINUS SETMINUS INTERSECT JOIN INNER LEFT RIGHT FULL CROSS NATURAL ' +
    'SEMI ANTI ON USING LATERAL WINDOW SORT CLUSTER DISTRIBUTE QUALIFY PIVOT UNPIVOT TABLESAMPLE WITH AS AND OR NOT IN IS LIKE ' +
    'BETWEEN CASE WHEN THEN ELSE END SET VALUES FETCH FOR'
  ).split(' '),
);

/** What may follow a column of SELECT. */
const CLAUSES: ReadonlySet<string> = new Set(
  'FROM WHERE GROUP HAVING ORDER LIMIT OFFSET UNION EXCEPT MINUS SETMINUS INTERSECT WINDOW QUALIFY LATERAL AS'.split(
    ' ',
  ),
);

/** A word is shown in an error, a page of text is not. */
const SHOWN_CHARS_MAX = 80;

export type ParameterMode = 'statement' | 'policy' | 'none';

export class Cursor {
  private index = 0;
  private depth = 0;
  private readonly closings: ReadonlyMap<number, number>;
  parameterCount = 0;

  constructor(
    private readonly tokens: readonly Token[],
    readonly parameters: ParameterMode,
  ) {
    this.closings = matchParentheses(tokens);
  }

  get token(): Token {
    return this.ahead(0);
  }
  get at(): Position {
    return this.token.at;
  }
  ahead(n: number): Token {
    const token = this.tokens[Math.min(this.index + n, this.tokens.length - 1)];
    if (token === undefined) throw new Error('no tokens');
    return token;
  }
  /** Distance to the parenthesis that closes the one `n` ahead; the end of the statement when none does. */
  closing(n: number): number {
    return (this.closings.get(this.index + n) ?? this.tokens.length - 1) - this.index;
  }
  take(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.index += 1;
    return token;
  }
  isWord(...words: readonly string[]): boolean {
    return this.wordAt(0, ...words);
  }
  wordAt(n: number, ...words: readonly string[]): boolean {
    const token = this.ahead(n);
    return token.kind === 'word' && words.includes(token.upper);
  }
  isSymbol(...symbols: readonly string[]): boolean {
    return this.symbolAt(0, ...symbols);
  }
  symbolAt(n: number, ...symbols: readonly string[]): boolean {
    const token = this.ahead(n);
    return token.kind === 'symbol' && symbols.includes(token.text);
  }
  acceptWord(...words: readonly string[]): boolean {
    if (!this.isWord(...words)) return false;
    this.take();
    return true;
  }
  /** Accepts the whole sequence or nothing. */
  acceptWords(...sequence: readonly string[]): boolean {
    if (!sequence.every((word, i) => this.wordAt(i, word))) return false;
    for (const _ of sequence) this.take();
    return true;
  }
  acceptSymbol(...symbols: readonly string[]): boolean {
    if (!this.isSymbol(...symbols)) return false;
    this.take();
    return true;
  }
  private angles = 0;
  /** One `>` of a type, also when the lexer read several together (`>>`, `>>>`). */
  acceptAngle(): boolean {
    const token = this.token;
    if (token.kind !== 'symbol' || !/^>+$/.test(token.text)) return false;
    this.angles += 1;
    if (this.angles === token.text.length) {
      this.angles = 0;
      this.take();
    }
    return true;
  }
  expectWord(word: string): void {
    if (!this.acceptWord(word)) throw this.unexpected(word);
  }
  expectSymbol(symbol: string): void {
    if (!this.acceptSymbol(symbol)) throw this.unexpected(`'${symbol}'`);
  }

  get afterSemicolon(): boolean {
    const last = this.tokens[this.index - 1];
    return last?.kind === 'symbol' && last.text === ';';
  }

  /** A name as a name, quoted or not. */
  identifier(): Identifier {
    const token = this.token;
    if (token.kind === 'quoted') {
      this.take();
      return { name: token.text, quoted: true, at: token.at };
    }
    if (token.kind === 'word') {
      if (token.upper === 'IDENTIFIER' && this.symbolAt(1, '('))
        throw this.refuse('IDENTIFIER()', 'Write the name itself.');
      this.take();
      return { name: token.text, quoted: false, at: token.at };
    }
    throw this.unexpected('a name');
  }
  /** A name that may follow without AS: keywords that go on with the query are not taken for one. */
  optionalAlias(of: 'column' | 'relation'): Identifier | undefined {
    if (this.acceptWord('AS')) {
      // `FROM t AS LEFT JOIN u`: Spark takes `AS` itself for the name.
      const clause = of === 'column' ? CLAUSES : NOT_AN_ALIAS;
      if (this.token.kind === 'word' && clause.has(this.token.upper))
        throw this.error('A name is missing after AS.', this.at, 'As a name this word needs back-quotes.');
      return this.identifier();
    }
    const token = this.token;
    if (token.kind === 'quoted') return this.identifier();
    if (token.kind === 'word' && !NOT_AN_ALIAS.has(token.upper)) return this.identifier();
    return undefined;
  }
  /**
   * Is the token `n` ahead a word that goes on with the query, so that what stands before it was an alias?
   */
  isAliasEnd(n: number): boolean {
    const token = this.ahead(n);
    return token.kind === 'word' && NOT_AN_ALIAS.has(token.upper);
  }
  qualifiedName(): QualifiedName {
    const parts = [this.identifier()];
    while (this.isSymbol('.') && !this.symbolAt(1, '*')) {
      this.take();
      parts.push(this.identifier());
    }
    return parts;
  }

  commaList<T>(item: () => T): readonly T[] {
    const items = [item()];
    while (this.acceptSymbol(',')) items.push(item());
    return items;
  }

  /** Counts nesting; the limit keeps the call stack and every later pass bounded. */
  nested<T>(parse: () => T): T {
    this.depth += 1;
    if (this.depth > statementDepthMaxLevels) throw tooDeep(this.at);
    try {
      return parse();
    } finally {
      this.depth -= 1;
    }
  }

  /** `(1 AS a, 2 AS b)` and `struct(x AS a)` name fields in Spark. */
  refuseInnerAlias(): void {
    if (this.isWord('AS'))
      throw this.refuse('An alias inside an expression', "Use named_struct('name', value, ...).");
  }
  unexpected(wanted: string): GovernanceError {
    return this.error(`Expected ${wanted}, found ${this.describe(this.token)}.`);
  }
  error(message: string, at = this.at, remedy = 'Correct the text at this position.'): GovernanceError {
    return new GovernanceError('SYNTAX_ERROR', message, { position: at, remedy, sqlState: '42601' });
  }
  refuse(what: string, remedy: string, node?: Node): GovernanceError {
    return new GovernanceError('FEATURE_NOT_ALLOWED', `${what} is not allowed.`, {
      position: node?.at ?? this.at,
      remedy,
      sqlState: '0A000',
    });
  }
  private describe(token: Token): string {
    switch (token.kind) {
      case 'end':
        return 'the end of the statement';
      case 'string':
        return 'a string';
      case 'number':
        return 'a number';
      case 'hint':
        return 'a hint';
      default:
        return token.text.length > SHOWN_CHARS_MAX ? 'a long word' : `'${token.text}'`;
    }
  }
}

function matchParentheses(tokens: readonly Token[]): ReadonlyMap<number, number> {
  const closings = new Map<number, number>();
  const open: number[] = [];
  tokens.forEach((token, i) => {
    if (token.kind !== 'symbol') return;
    if (token.text === '(') open.push(i);
    if (token.text !== ')') return;
    const start = open.pop();
    if (start !== undefined) closings.set(start, i);
  });
  return closings;
}
