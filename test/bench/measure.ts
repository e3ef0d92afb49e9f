/** One line of the printed table. */
export interface Row {
  readonly name: string;
  /** Of one call, the best of several rounds: what others on the machine do only ever adds. */
  readonly micros: number;
  readonly note?: string;
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
  for (const { name, micros, note } of rows) {
    const figure = micros < 1000 ? `${micros.toFixed(2)} µs` : `${(micros / 1000).toFixed(2)} ms`;
    console.log(`${name.padEnd(width)}  ${figure.padStart(10)}${note ? `  ${note}` : ''}`);
  }
}
