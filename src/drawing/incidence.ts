/** Segments by node: those at `list[start[v]] .. list[start[v + 1]]`. */
export interface Incidence {
  readonly start: Int32Array;
  readonly list: Int32Array;
}

export function incidence(ends: readonly number[], total: number): Incidence {
  const start = new Int32Array(total + 1);
  for (const end of ends) start[end + 1]!++;
  for (let i = 0; i < total; i++) start[i + 1]! += start[i]!;
  const next = start.slice();
  const list = new Int32Array(ends.length);
  for (let i = 0; i < ends.length; i++) list[next[ends[i]!]!++] = i;
  return { start, list };
}
