/** Rows as a table that fits the terminal. */

const CELL_MAX = 60;
const COLUMNS_DEFAULT = 100;

export function printTable(names: readonly string[], rows: readonly (readonly unknown[])[]): void {
  const cells = [names, ...rows].map((row) => row.map(cellText));
  const widths = names.map((_, i) =>
    Math.min(CELL_MAX, Math.max(...cells.map((row) => (row[i] ?? '').length))),
  );
  const terminal = process.stdout.columns ?? COLUMNS_DEFAULT;
  cells.forEach((row, n) => {
    const line = row.map((cell, i) => cell.slice(0, widths[i]).padEnd(widths[i] ?? 0)).join('  ');
    console.log(line.slice(0, terminal).trimEnd());
    if (n === 0)
      console.log(
        widths
          .map((width) => '-'.repeat(width))
          .join('  ')
          .slice(0, terminal),
      );
  });
  console.log(`${rows.length} row${rows.length === 1 ? '' : 's'}`);
}

const cellText = (value: unknown): string => {
  if (value === null || value === undefined) return 'NULL';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  // Control characters of data must not drive the terminal.
  return text.replace(/\p{Cc}/gu, ' ');
};
