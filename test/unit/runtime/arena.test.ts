import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Block, pack } from '../../../src/runtime/arena';

const lives = fc.array(
  fc.record({ size: fc.integer({ min: 1, max: 200_000 }), from: fc.nat(20), length: fc.nat(10) }),
  { minLength: 1, maxLength: 40 },
);

function blocksOf(made: readonly { size: number; from: number; length: number }[]): Block[] {
  return made
    .map(({ size, from, length }) => ({ size, from, to: from + length }))
    .sort((a, b) => a.from - b.from);
}

describe('an arena', () => {
  it('never gives the same bytes to two blocks that are needed at once', () => {
    fc.assert(
      fc.property(lives, made => {
        const blocks = blocksOf(made);
        const { starts, bytes } = pack(blocks);
        blocks.forEach((block, i) => {
          const start = starts.get(block)!;
          assert.ok(start >= 0 && start + block.size <= bytes);
          for (const other of blocks.slice(i + 1)) {
            if (other.from > block.to || block.from > other.to) continue;
            const begin = starts.get(other)!;
            assert.ok(begin >= start + block.size || begin + other.size <= start, 'blocks overlap');
          }
        });
      }),
    );
  });

  it('uses room again, without leaving holes where a larger block must go', () => {
    const mega = 2 ** 20;
    // As they come, the third lies behind both, and the fourth finds two gaps that are each too small.
    const blocks: Block[] = [
      { size: mega, from: 0, to: 1 },
      { size: mega, from: 0, to: 3 },
      { size: mega, from: 0, to: 1 },
      { size: 2 * mega, from: 2, to: 3 },
    ];
    assert.equal(pack(blocks).bytes, 3 * mega);
  });
});
