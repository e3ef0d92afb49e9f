/** Runs a generator to its end, whatever it gives way with. */
export function finished<T>(parts: Generator<unknown, T>): T {
  let next = parts.next();
  while (!next.done) next = parts.next();
  return next.value;
}
