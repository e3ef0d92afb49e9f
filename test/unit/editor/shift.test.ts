import assert from 'node:assert/strict';
import fc from 'fast-check';
import { shiftSpan } from '../../../src/editor/shift';

/** Marks the span with brackets in the old text and looks for them in the new one. */
const word = 'abcdefgh';

describe('spans through edits', () => {
  const span = { start: 3, end: 5 };

  it('follow edits before them, stay with edits behind them, and end with edits inside', () => {
    assert.deepEqual(shiftSpan(span, [{ start: 0, removed: 1, inserted: 4 }]), { start: 6, end: 8 });
    assert.deepEqual(shiftSpan(span, [{ start: 5, removed: 2, inserted: 0 }]), span);
    assert.equal(shiftSpan(span, [{ start: 4, removed: 0, inserted: 1 }]), undefined);
    assert.equal(shiftSpan(span, [{ start: 2, removed: 2, inserted: 0 }]), undefined);
  });

  it('keep their words', () => {
    const edits = fc.array(
      fc.record({ start: fc.nat(8), removed: fc.nat(3), inserted: fc.constantFrom('', 'X', 'XYZ') }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(edits, list => {
        let text = word;
        const done = list.flatMap(({ start, removed, inserted }) => {
          if (start + removed > text.length) return [];
          text = text.slice(0, start) + inserted + text.slice(start + removed);
          return [{ start, removed, inserted: inserted.length }];
        });
        const shifted = shiftSpan(span, done);
        if (shifted) assert.equal(text.slice(shifted.start, shifted.end), 'de');
      }),
    );
  });
});
