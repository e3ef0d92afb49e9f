/** The Damerau-Levenshtein distance (with swaps of neighbours), or `limit + 1` as soon as it is above. */
export function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous: number[] = [];
  let current = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const beforePrevious = previous;
    previous = current;
    current = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, beforePrevious[j - 2]! + 1);
      }
      current.push(cost);
      best = Math.min(best, cost);
    }
    if (best > limit) return limit + 1;
  }
  return current[b.length]!;
}

/** The word that was probably meant: one slip in a short word, two in a longer one; case counts half. */
export function closestWord(word: string, candidates: Iterable<string>): string | undefined {
  const limit = word.length <= 2 ? 0 : word.length <= 4 ? 1 : 2;
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestScore = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    if (candidate === word) continue;
    const other = candidate.toLowerCase();
    if (other === lower) {
      if (bestScore > 0.5) [best, bestScore] = [candidate, 0.5];
      continue;
    }
    const score = distance(lower, other, limit);
    if (score <= limit && score < bestScore && score < Math.max(word.length, candidate.length) - 1) {
      [best, bestScore] = [candidate, score];
    }
  }
  return best;
}
