/**
 * Spark SQL text to tokens, by the rules of Spark 4.2 with default settings: backslash escapes in strings,
 * r'raw', "double quoted" is a string, back-quoted names with `` for a back-quote, nested bracketed comments,
 * hints.
 */
import { GovernanceError, type Position } from '../errors.js';
import { statementLengthMaxChars, statementTokensMax } from './limits.js';
import { unescapeString } from './string-escapes.js';
import type { Token } from './tokens.js';

const SYMBOLS = [
  '>>>',
  '<=>',
  '<<',
  '>>',
  '<>',
  '!=',
  '!>',
  '!<',
  '<=',
  '>=',
  '==',
  '||',
  '->',
  '=>',
  '::',
  '|>',
  ':=',
  '(',
  ')',
  ',',
  '.',
  ';',
  '[',
  ']',
  '+',
  '-',
  '*',
  '/',
  '%',
  '=',
  '<',
  '>',
  '!',
  '&',
  '|',
  '^',
  '~',
  ':',
  '?',
  '{',
  '}',
  '$',
  '@',
  '#',
  '\\',
] as const;
const SYNONYMS: Readonly<Record<string, string>> = { '!=': '<>', '==': '=', '!>': '<=', '!<': '>=' };
const WORD_START = /[A-Za-z_\p{L}]/u;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const FRACTION = /\.\d+([eE][+-]?\d+)?(L|S|Y|F|D|BD)?(?![\p{L}\p{Nd}_])/iuy;
const WORD = /[\p{L}\p{Nd}_]+/uy;
const LINE_COMMENT = /--(?:\\\n|[^\r\n])*\r?\n?/y;
/** What Spark replaces in the text of a statement before it reads it, inside quotes too. */
const SUBSTITUTION = /\$\{\S+?\}/;
const SPACE = /[\s\u200b\ufeff]+/y;

export function tokenize(text: string): readonly Token[] {
  if (text.length > statementLengthMaxChars) {
    throw new GovernanceError(
      'STATEMENT_TOO_LONG',
      `The statement has ${text.length} characters; the limit is ${statementLengthMaxChars}.`,
      {
        position: { line: 1, column: 1 },
        remedy: 'Shorten it, or pass long lists as parameters.',
        sqlState: '54001',
      },
    );
  }
  return new Lexer(text).run();
}

class Lexer {
  private offset = 0;
  private line = 1;
  private lineStart = 0;
  private readonly tokens: Token[] = [];

  constructor(private readonly text: string) {}

  run(): readonly Token[] {
    const bad = /[\0]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.exec(this.text);
    if (bad) {
      this.advanceTo(bad.index);
      throw this.error('The statement holds a character that is not text (NUL or half of a surrogate pair).');
    }
    for (;;) {
      this.skipSpace();
      if (this.offset >= this.text.length) break;
      this.tokens.push(this.next());
      if (this.tokens.length > statementTokensMax) {
        throw new GovernanceError(
          'STATEMENT_TOO_COMPLEX',
          `The statement has more than ${statementTokensMax} tokens.`,
          {
            position: this.position(),
            remedy: 'Split it into several statements.',
            sqlState: '54001',
          },
        );
      }
    }
    this.tokens.push({ kind: 'end', at: this.position() });
    return this.tokens;
  }

  private position(): Position {
    return { line: this.line, column: this.offset - this.lineStart + 1 };
  }

  private advanceTo(end: number): void {
    for (let i = this.offset; i < end; i += 1) {
      if (this.text.charCodeAt(i) === 10) {
        this.line += 1;
        this.lineStart = i + 1;
      }
    }
    this.offset = end;
  }

  private error(message: string, at = this.position()): GovernanceError {
    return new GovernanceError('SYNTAX_ERROR', message, {
      position: at,
      sqlState: '42601',
      remedy: 'Correct the text at this position.',
    });
  }

  /** Never replaced here; where Spark would, the text means something else there than it says. */
  private refuseSubstitution(end: number, pattern: RegExp): void {
    const found = pattern.exec(this.text.slice(this.offset, end));
    if (found === null) return;
    this.advanceTo(this.offset + found.index);
    throw new GovernanceError('FEATURE_NOT_ALLOWED', `Substitution with \${...} is not allowed.`, {
      position: this.position(),
      remedy: "Use a parameter: :name. In a string, '\\u0024{' stands for the characters themselves.",
      sqlState: '0A000',
    });
  }

  private skipSpace(): void {
    for (;;) {
      SPACE.lastIndex = this.offset;
      if (SPACE.test(this.text)) this.advanceTo(SPACE.lastIndex);
      else if (this.text.startsWith('--', this.offset)) this.skipLineComment();
      else if (this.text.startsWith('/*', this.offset) && this.text[this.offset + 2] !== '+')
        this.skipBlockComment();
      else return;
    }
  }

  /**
   * A carriage return ends the comment as well; a backslash before the line feed lets it go on, as in Spark.
   */
  private skipLineComment(): void {
    LINE_COMMENT.lastIndex = this.offset;
    LINE_COMMENT.test(this.text);
    this.advanceTo(LINE_COMMENT.lastIndex);
  }

  private skipBlockComment(): void {
    const at = this.position();
    let depth = 0;
    let i = this.offset;
    while (i < this.text.length) {
      // A hint inside a comment does not nest.
      if (this.text.startsWith('/*', i) && this.text[i + 2] !== '+') {
        depth += 1;
        i += 2;
      } else if (this.text.startsWith('*/', i)) {
        depth -= 1;
        i += 2;
        if (depth === 0) {
          this.advanceTo(i);
          return;
        }
      } else i += 1;
    }
    throw this.error('A comment is not closed.', at);
  }

  private next(): Token {
    const at = this.position();
    const c = this.text[this.offset] ?? '';
    if (this.text.startsWith('/*+', this.offset)) return this.hint(at);
    if (c === "'" || c === '"') return this.string(at, c, false);
    if ((c === 'r' || c === 'R') && /['"]/.test(this.text[this.offset + 1] ?? '')) {
      this.advanceTo(this.offset + 1);
      return this.string(at, this.text[this.offset] ?? '', true);
    }
    if (c === '`') return this.quoted(at);
    if (/\d/.test(c) || (c === '.' && this.startsFraction())) return this.number(at);
    if (WORD_START.test(c)) return this.word(at);
    this.refuseSubstitution(this.offset + 2, /^\$\{/);
    const symbol = SYMBOLS.find((s) => this.text.startsWith(s, this.offset));
    if (symbol === undefined) throw this.error(`Unexpected character ${JSON.stringify(c)}.`, at);
    this.advanceTo(this.offset + symbol.length);
    return { kind: 'symbol', text: SYNONYMS[symbol] ?? symbol, at };
  }

  /** `.5` and `.5BD` are numbers, the dot of `t.5a` is not part of one. */
  private startsFraction(): boolean {
    FRACTION.lastIndex = this.offset;
    return FRACTION.test(this.text);
  }

  private hint(at: Position): Token {
    const end = this.text.indexOf('*/', this.offset);
    if (end < 0) throw this.error('A hint is not closed.', at);
    const text = this.text.slice(this.offset + 3, end).trim();
    this.advanceTo(end + 2);
    return { kind: 'hint', text, at };
  }

  private string(at: Position, quote: string, raw: boolean): Token {
    let i = this.offset + 1;
    for (; i < this.text.length; i += 1) {
      const c = this.text[i];
      if (c === '\\' && !raw) i += 1;
      else if (c === quote) {
        if (!raw && this.text[i + 1] === quote) i += 1;
        else break;
      }
    }
    if (i >= this.text.length) throw this.error('A string is not closed.', at);
    this.refuseSubstitution(i, SUBSTITUTION);
    const body = this.text.slice(this.offset + 1, i);
    this.advanceTo(i + 1);
    const text = raw ? body : unescapeString(body, quote);
    if (text.includes('\0')) throw this.error('A string may not hold a NUL character.', at);
    return { kind: 'string', text, at };
  }

  private quoted(at: Position): Token {
    let i = this.offset + 1;
    for (; i < this.text.length; i += 1) {
      if (this.text[i] !== '`') continue;
      if (this.text[i + 1] === '`') i += 1;
      else break;
    }
    if (i >= this.text.length) throw this.error('A back-quoted name is not closed.', at);
    this.refuseSubstitution(i, SUBSTITUTION);
    const text = this.text.slice(this.offset + 1, i).replaceAll('``', '`');
    if (text === '') throw this.error('A name may not be empty.', at);
    this.advanceTo(i + 1);
    return { kind: 'quoted', text, at };
  }

  private number(at: Position): Token {
    NUMBER.lastIndex = this.offset;
    const match = NUMBER.exec(this.text)?.[0] ?? '';
    WORD.lastIndex = this.offset + match.length;
    const suffix = WORD.exec(this.text)?.[0] ?? '';
    this.advanceTo(this.offset + match.length + suffix.length);
    if (suffix !== '' && !/^(L|S|Y|F|D|BD)$/i.test(suffix)) {
      // `1a` is a name in Spark.
      if (/^\d+([eE]\d+)?$/.test(match)) return this.named(match + suffix, at);
      throw this.error(`${match}${suffix} is neither a number nor a name.`, at);
    }
    return { kind: 'number', text: match, suffix: suffix.toUpperCase(), at };
  }

  private word(at: Position): Token {
    WORD.lastIndex = this.offset;
    const text = WORD.exec(this.text)?.[0] ?? '';
    this.advanceTo(this.offset + text.length);
    return this.named(text, at);
  }

  private named(text: string, at: Position): Token {
    if (!/^\w+$/.test(text)) {
      throw new GovernanceError('SYNTAX_ERROR', 'A name with letters other than a to z needs back-quotes.', {
        position: at,
        sqlState: '42602',
        remedy: `Write it as \`${text}\`.`,
      });
    }
    return { kind: 'word', text, upper: text.toUpperCase(), at };
  }
}
