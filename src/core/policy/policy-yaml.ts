/**
 * YAML text to one policy document. The text is bounded before the parser sees it: yaml recurses with the
 * nesting (deep text ended the whole process when tried) and compares keys and anchors pairwise (20 s for
 * 256 KB of anchors).
 */
import { CST, type Document, isNode, isScalar, Lexer, LineCounter, parseDocument, visit } from 'yaml';
import {
  DOCUMENT_LENGTH_MAX_CHARS,
  type LineOf,
  type PolicyDocument,
  type Problem,
  parsePolicy,
  policyInvalid,
} from './document.js';

const FLOW_DEPTH_MAX = 32;
const INDENT_MAX_CHARS = 100;
/** `- - - x` nests without indentation. */
const INDICATORS_PER_LINE_MAX = 20;
const ANCHORS_MAX = 100;
/** A thousand rules have some 50,000. */
const LEXEMES_MAX = 80_000;

export interface PolicyText {
  readonly document: PolicyDocument;
  /** The line that a path of the document is written on. */
  readonly lineOf: LineOf;
}

/** Throws POLICY_INVALID, and nothing else, with every problem and its line. */
export function parsePolicyYaml(text: string): PolicyText {
  const { value, lineOf } = readYaml(text);
  return { document: parsePolicy(value, lineOf), lineOf };
}

/** Any one document of YAML, within the bounds of a policy. Throws POLICY_INVALID. */
export function readYaml(text: string): { readonly value: unknown; readonly lineOf: LineOf } {
  if (text.length > DOCUMENT_LENGTH_MAX_CHARS) {
    throw policyInvalid([{ path: '', message: `is longer than ${DOCUMENT_LENGTH_MAX_CHARS} characters` }]);
  }
  const shape = shapeProblem(text);
  if (shape !== undefined) throw policyInvalid([shape]);
  const { document, lineOf } = parsed(text);
  return { value: plainValue(document), lineOf };
}

/** Nesting and anchors, from the lexer alone, which does not recurse. */
function shapeProblem(text: string): Problem | undefined {
  const count = { line: 1, lexemes: 0, flow: 0, indicators: 0, anchors: 0, lineStart: true };
  for (const lexeme of new Lexer().lex(text)) {
    const type = CST.tokenType(lexeme);
    const { line } = count;
    count.lexemes += 1;
    if (count.lexemes > LEXEMES_MAX)
      return { path: '', message: `has more than ${LEXEMES_MAX} words and signs`, line };
    if (type === 'space' && count.lineStart && lexeme.length > INDENT_MAX_CHARS && count.flow === 0) {
      return { path: '', message: `is indented by more than ${INDENT_MAX_CHARS} characters`, line };
    }
    if (type === 'flow-map-start' || type === 'flow-seq-start') count.flow += 1;
    else if (type === 'flow-map-end' || type === 'flow-seq-end') count.flow -= 1;
    else if (type === 'anchor' || type === 'alias') count.anchors += 1;
    else if (type?.endsWith('-ind') && count.flow === 0) count.indicators += 1;
    if (count.flow > FLOW_DEPTH_MAX || count.indicators > INDICATORS_PER_LINE_MAX) {
      return { path: '', message: `nests deeper than ${FLOW_DEPTH_MAX} levels`, line };
    }
    if (count.anchors > ANCHORS_MAX)
      return { path: '', message: `has more than ${ANCHORS_MAX} anchors and aliases`, line };
    count.line += lexeme.split('\n').length - 1;
    count.lineStart = type === 'newline' || type === 'doc-mode';
    if (count.lineStart) count.indicators = 0;
  }
  return undefined;
}

function parsed(text: string): { document: Document.Parsed; lineOf: LineOf } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: 'core',
    // Checked below: the parser compares every key with every other.
    uniqueKeys: false,
    logLevel: 'error',
  });
  const at = (node: unknown): number | undefined => {
    const range = isNode(node) ? node.range : undefined;
    return range ? lines.linePos(range[0]).line : undefined;
  };
  const problems = [...document.errors, ...document.warnings].map(
    (error): Problem => ({
      path: '',
      message: yamlMessage(error),
      line: error.linePos?.[0].line ?? 1,
    }),
  );
  problems.push(...keyProblems(document, at));
  if (problems.length > 0) throw policyInvalid(problems);
  const lineOf: LineOf = (path) => {
    for (let n = path.length; n >= 0; n -= 1) {
      const line = at(document.getIn(path.slice(0, n), true));
      if (line !== undefined) return line;
    }
    return undefined;
  };
  return { document, lineOf };
}

const yamlMessage = (error: { readonly code: string; readonly message: string }): string => {
  if (error.code === 'MULTIPLE_DOCS') return 'holds several documents: write one per file or request';
  const [first = 'is not YAML'] = error.message.split('\n');
  return `is not YAML that Sluice reads: ${first.replace(/ at line \d+, column \d+:$/, '')}`;
};

function keyProblems(document: Document.Parsed, at: (node: unknown) => number | undefined): Problem[] {
  const problems: Problem[] = [];
  const found = (node: unknown, message: string): void => {
    const line = at(node);
    problems.push({ path: '', message, ...(line === undefined ? {} : { line }) });
  };
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key) || typeof key.value !== 'string') found(key, 'has a key that is no text');
        else if (seen.has(key.value)) found(key, `has the key ${key.value} twice`);
        else seen.add(key.value);
      }
    },
  });
  return problems;
}

/** Aliases that are missing, go in circles or multiply. */
function plainValue(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: ANCHORS_MAX });
  } catch {
    throw policyInvalid([{ path: '', message: 'has aliases that cannot be resolved' }]);
  }
}
