import assert from 'node:assert/strict';
import { decodeNonFinite, encodeNonFinite } from '../../../src/base/nonFinite';

describe('numbers that JSON does not have', () => {
  it('come through it', () => {
    const message = {
      kind: 'values',
      nodes: [{ norm: Number.NaN, elements: [1, Number.POSITIVE_INFINITY, -0.5], name: 'NaN' }],
      least: Number.NEGATIVE_INFINITY,
      nothing: null,
    };
    const sent = JSON.parse(JSON.stringify(encodeNonFinite(message))) as unknown;
    assert.deepEqual(decodeNonFinite(sent), message);
  });

  it('cost no copy where there are none', () => {
    const message = { nodes: [{ norm: 1, elements: [1, 2] }], text: 'Infinity', nothing: null };
    assert.equal(encodeNonFinite(message), message);
    assert.equal(decodeNonFinite(message), message);
  });

  it('are shared where nothing changes', () => {
    const [plain, odd] = [{ norm: 1 }, { norm: Number.NaN }];
    const made = encodeNonFinite({ nodes: [plain, odd] });
    assert.equal(made.nodes[0], plain);
    assert.equal(odd.norm, Number.NaN);
  });
});
