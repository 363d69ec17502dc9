/** Tokens of Spark SQL. */
import type { Position } from '../errors.js';

export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly upper: string; readonly at: Position }
  | { readonly kind: 'quoted'; readonly text: string; readonly at: Position }
  | { readonly kind: 'string'; readonly text: string; readonly at: Position }
  | { readonly kind: 'number'; readonly text: string; readonly suffix: string; readonly at: Position }
  | { readonly kind: 'symbol'; readonly text: string; readonly at: Position }
  | { readonly kind: 'hint'; readonly text: string; readonly at: Position }
  | { readonly kind: 'end'; readonly at: Position };
