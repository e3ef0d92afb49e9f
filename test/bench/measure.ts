/** One line of the printed table: a time, or another figure. */
export type Row = TimeRow | FigureRow;

interface TimeRow {
  readonly name: string;
  /** Of one call, the best of several rounds: what others on the machine do only ever adds. */
  readonly micros: number;
  readonly note?: string;
  /** What has been promised, in microseconds. */
  readonly goal?: number;
}

interface FigureRow {
  readonly name: string;
  readonly figure: string;
  readonly note?: string;
  readonly missed?: boolean;
}

const ROUNDS = 9;
const ROUND_MS = 60;

/** Microseconds a call, after a warm-up in which the code is optimised. */
export function time(call: () => void): number {
  const round = (milliseconds: number): number => {
    let calls = 0;
    let batch = 1;
    const start = performance.now();
    for (;;) {
      for (let i = 0; i < batch; i++) call();
      calls += batch;
      const elapsed = performance.now() - start;
      if (elapsed >= milliseconds) return (elapsed / calls) * 1000;
      if (batch < 1024) batch *= 2;
    }
  };
  round(300);
  return Math.min(...Array.from({ length: ROUNDS }, () => round(ROUND_MS)));
}

export function printTable(rows: readonly Row[]): void {
  const width = Math.max(...rows.map(row => row.name.length));
  for (const row of rows) {
    const figure = 'figure' in row ? row.figure : printTime(row.micros);
    const goal = 'figure' in row || row.goal === undefined ? '' : `goal ${printTime(row.goal)}`;
    const words = [goal, row.note ?? '', isMissed(row) ? 'MISSED' : ''].filter(Boolean).join('; ');
    console.log(`${row.name.padEnd(width)}  ${figure.padStart(10)}  ${words}`.trimEnd());
  }
}

function isMissed(row: Row): boolean {
  return 'figure' in row ? row.missed === true : row.goal !== undefined && !(row.micros <= row.goal);
}

export function printTime(micros: number): string {
  if (micros < 1000) return `${micros.toFixed(2)} µs`;
  return micros < 1e6 ? `${(micros / 1000).toFixed(2)} ms` : `${(micros / 1e6).toFixed(2)} s`;
}
