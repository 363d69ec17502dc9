/** `Range: bytes=...` (RFC 9110, section 14): which bytes of how many. One range; several are answered with the whole. */
export interface ByteRange {
  readonly first: number;
  /** Included. */
  readonly last: number;
}

const RANGE = /^bytes=(?:(\d{1,15})-(\d{1,15})?|-(\d{1,15}))$/;

/** Undefined: the whole, as what was asked for is no range that is known. */
export function byteRange(
  header: string | undefined,
  total: number,
): ByteRange | 'unsatisfiable' | undefined {
  const found = RANGE.exec(header?.replaceAll(' ', '') ?? '');
  if (found === null) return undefined;
  const [, from, to, suffix] = found;
  if (suffix !== undefined) {
    const length = Number(suffix);
    if (length === 0 || total === 0) return 'unsatisfiable';
    return { first: Math.max(0, total - length), last: total - 1 };
  }
  const first = Number(from);
  const last = to === undefined ? total - 1 : Math.min(Number(to), total - 1);
  if (to !== undefined && Number(to) < first) return undefined;
  return first >= total ? 'unsatisfiable' : { first, last };
}
