import { incidence } from './incidence';
import type { LinkedGraph } from './layers';

/** Longest paths from the sources; then everything moves down to just above its first use. */
export function rankNodes({ count, from, to, pinned }: LinkedGraph) {
  const { order, reversed } = topologicalOrder(count, from, to);
  const upper = from.map((node, link) => (reversed[link] ? to[link]! : node));
  const lower = to.map((node, link) => (reversed[link] ? from[link]! : node));
  const out = incidence(Array.from(upper), count);
  const rank = new Int32Array(count);
  for (const node of order) {
    for (let k = out.start[node]!; k < out.start[node + 1]!; k++) {
      const end = lower[out.list[k]!]!;
      rank[end] = Math.max(rank[end]!, rank[node]! + 1);
    }
  }
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!;
    let first = Number.POSITIVE_INFINITY;
    for (let k = out.start[node]!; k < out.start[node + 1]!; k++) {
      const end = lower[out.list[k]!]!;
      if (pinned[end] !== 1) first = Math.min(first, rank[end]!);
    }
    if (pinned[node] === 0 && Number.isFinite(first)) rank[node] = Math.max(rank[node]!, first - 1);
  }
  shiftPinned(rank, pinned);
  return { rank, reversed };
}

/** Every node after those it depends on; links that close a cycle are marked and count the other way round. */
function topologicalOrder(count: number, from: Int32Array, to: Int32Array) {
  const out = incidence(Array.from(from), count);
  const waiting = new Int32Array(count);
  for (const end of to) waiting[end]!++;
  const reversed = new Uint8Array(from.length);
  const done = new Uint8Array(count);
  const order: number[] = [];
  const place = (node: number) => {
    done[node] = 1;
    order.push(node);
  };
  for (let node = 0; node < count; node++) if (waiting[node] === 0) place(node);
  let oldest = 0;
  for (let head = 0; head < count; head++) {
    if (head === order.length) {
      // only cycles are left: one is cut open at its first node
      while (done[oldest]) oldest++;
      place(oldest);
    }
    const node = order[head]!;
    for (let k = out.start[node]!; k < out.start[node + 1]!; k++) {
      const link = out.list[k]!;
      const end = to[link]!;
      if (done[end]) reversed[link] = 1;
      else if (--waiting[end]! === 0) place(end);
    }
  }
  return { order, reversed };
}

/** The first and last layers hold pinned nodes and nothing else. */
function shiftPinned(rank: Int32Array, pinned: Int8Array): void {
  const hasFirst = pinned.includes(-1);
  if (!hasFirst && !pinned.includes(1)) return;
  let innerFirst = Number.POSITIVE_INFINITY;
  let innerLast = -1;
  for (let node = 0; node < rank.length; node++) {
    if (pinned[node] !== 0) continue;
    innerFirst = Math.min(innerFirst, rank[node]!);
    innerLast = Math.max(innerLast, rank[node]!);
  }
  if (innerLast < 0) [innerFirst, innerLast] = [1, 1];
  const shift = (hasFirst ? 1 : 0) - innerFirst;
  for (let node = 0; node < rank.length; node++) {
    if (pinned[node] === 0) rank[node]! += shift;
    else rank[node] = pinned[node] === -1 ? 0 : innerLast + shift + 1;
  }
}
