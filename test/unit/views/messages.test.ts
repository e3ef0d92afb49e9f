import assert from 'node:assert/strict';
import { parseFromWebview } from '../../../src/views/messages';
import type { FromWebview } from '../../../src/views/protocol';

const good: FromWebview[] = [
  { kind: 'ready' },
  { kind: 'select', version: 3, node: 7 },
  { kind: 'select', version: 3, node: null },
  { kind: 'reveal', version: 3, span: { start: 1, end: 4 } },
  { kind: 'control', action: 'epoch' },
  { kind: 'learningRate', runId: 'r', value: 0.1 },
  { kind: 'show', runId: 'r', step: 120 },
  { kind: 'copy', text: '\\partial' },
];

const bad: unknown[] = [
  undefined,
  null,
  'ready',
  {},
  { kind: 'eval', code: '1' },
  { kind: 'select', version: 3 },
  { kind: 'select', version: 'x', node: 1 },
  { kind: 'reveal', version: 3, span: { start: 4, end: 1 } },
  { kind: 'reveal', version: 3, span: null },
  { kind: 'control', action: 'toString' },
  { kind: 'learningRate', runId: 'r', value: Number.NaN },
  { kind: 'show', runId: 'r', step: -1 },
  { kind: 'copy', text: 'x'.repeat(1_000_000) },
];

describe('messages of a webview', () => {
  for (const message of good) {
    it(`takes ${JSON.stringify(message)}`, () => {
      assert.deepEqual(parseFromWebview({ ...message, extra: 1 }), message);
    });
  }
  bad.forEach((message, i) => {
    it(`drops what is none (${i + 1})`, () => assert.equal(parseFromWebview(message), undefined));
  });
});
