/** One round: how many settings it trains, and with which share of the whole training. */
export interface Round {
  readonly settings: number;
  readonly share: number;
}

/**
 * Successive halving: each round keeps the better half and trains it twice as long, from the start; the last one trains
 * in full. There are no more rounds than the length of the training allows, a first round being one epoch at least.
 */
export function roundsOf(settings: number, length: number): Round[] {
  const halvings = Math.ceil(Math.log2(Math.max(1, settings)));
  const doublings = Math.floor(Math.log2(Math.max(1, length)));
  const last = Math.min(halvings, doublings);
  let left = settings;
  return Array.from({ length: last + 1 }, (_, i) => {
    const round = { settings: left, share: 1 / 2 ** (last - i) };
    left = Math.ceil(left / 2);
    return round;
  });
}

/** Of so many epochs or steps. */
export function shareOf(length: number, share: number): number {
  return Math.max(1, Math.floor(length * share));
}
