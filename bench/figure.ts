/** What a benchmark says: one number, and the number that was aimed at. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly aim: number;
  /** The aim is a least, not a most. */
  readonly atLeast?: boolean;
  /** What the value was made from. */
  readonly detail?: string;
}

export const reached = ({ value, aim, atLeast }: Figure): boolean =>
  atLeast === true ? value >= aim : value <= aim;

export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${shown(figure.value)} ${figure.unit}`,
    `${figure.atLeast === true ? '>=' : '<='} ${shown(figure.aim)} ${figure.unit}`,
    reached(figure) ? 'yes' : 'NO',
    figure.detail ?? '',
  ]);
  const all = [['', 'measured', 'aim', 'reached', ''], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const shown = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
