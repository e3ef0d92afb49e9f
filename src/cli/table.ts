/** Columns aligned by blanks; the last one is not padded. Numbers of `right` columns end together. */
export function alignColumns(
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): string[] {
  const count = Math.max(0, ...rows.map(row => row.length));
  const widths = Array.from({ length: count }, (_, i) =>
    Math.max(0, ...rows.map(row => displayWidth(row[i] ?? ''))),
  );
  return rows.map(row =>
    row
      .map((cell, i) => {
        const blanks = ' '.repeat(widths[i]! - displayWidth(cell));
        if (right.has(i)) return blanks + cell;
        return i === row.length - 1 ? cell : cell + blanks;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Characters on the screen: marks that combine with the letter before them, as in `x̂`, take no place. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) if (!/\p{M}/u.test(character)) width++;
  return width;
}

export function cutTo(text: string, width: number): string {
  return displayWidth(text) <= width ? text : `${[...text].slice(0, width - 1).join('')}…`;
}
