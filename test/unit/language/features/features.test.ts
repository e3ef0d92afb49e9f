import assert from 'node:assert/strict';
import { completionsAt } from '../../../../src/language/features/completion';
import { definitionsAt, occurrenceAt, referencesAt } from '../../../../src/language/features/occurrence';
import { type OutlineEntry, outline } from '../../../../src/language/features/outline';
import { builtInAt } from '../../../../src/language/features/signatureDoc';
import { Source } from '../../../../src/language/source';
import { analyzeText, type TextAnalysis } from '../../../../src/language/text';
import { iris } from '../models';

/** A text with its cursor at `|`. */
function at(marked: string): { analysis: TextAnalysis; offset: number } {
  const offset = marked.indexOf('|');
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  return { analysis: analyzeText(new Source('m.nabla', text)), offset };
}

describe('Outline', () => {
  const show = (entries: readonly OutlineEntry[], indent = ''): string[] =>
    entries.flatMap(e => [`${indent}${e.kind} ${e.name}: ${e.detail}`, ...show(e.children, `${indent}  `)]);

  it('lists what a file defines, with details', () => {
    assert.deepEqual(show(outline(analyzeText(new Source('m', iris)))), [
      'data iris: csv("data/iris.csv")',
      'input x: [N, 4]',
      'input y: [N] int',
      'node h: dense(x, 16, act = tanh)',
      'param W: [16, 3] ~ xavier()',
      'param b: [3] ~ zeros()',
      'node logits: h @ W + b',
      'node loss: cross_entropy(logits, y) + 1e-4 * l2(W)',
      'check check: grad(loss, b) ~= mean(softmax(logits) - one_hot(y…',
      'train train: loss',
    ]);
  });

  it('nests what stands inside functions and loops, and lifts what stands in branches', () => {
    const text =
      'fn f(a, b) {\n  c = a\n  return c\n}\nfor t in 0..3 { d = t }\nif 1 > 0 { e = 1 } else { e = 2 }';
    assert.deepEqual(show(outline(analyzeText(new Source('m', text)))), [
      'function f: (a, b)',
      '  node c: a',
      'loop for t: 0',
      '  node d: t',
      'node e: 1',
      'node e: 2',
    ]);
  });

  it('keeps names of broken statements', () => {
    assert.deepEqual(show(outline(analyzeText(new Source('m', 'h = (1 +\nk = 2')))), [
      'node h: (1 +',
      'node k: 2',
    ]);
  });
});

describe('Occurrence', () => {
  const occurrence = (marked: string): string | undefined => {
    const { analysis, offset } = at(marked);
    const found = occurrenceAt(analysis, offset);
    return (
      found &&
      `${found.role} ${found.name} ${found.definitions.map(d => `${d.kind} ${d.version}`).join(' | ')}`
    );
  };

  it('finds definitions and uses, at both ends of the name', () => {
    assert.equal(occurrence('|width = 1\ny = width'), 'definition width node 1');
    assert.equal(occurrence('width| = 1\ny = width'), 'definition width node 1');
    assert.equal(occurrence('width = 1\ny = wi|dth'), 'value width node 1');
    assert.equal(occurrence('h = 1\nh = h| + 1'), 'value h node 1');
    assert.equal(occurrence('fn f(x) { return x }\ny = f|(1)'), 'call f fn 1');
    assert.equal(occurrence('y = 1 |+ 2'), undefined);
  });

  it('leads to definitions and references', () => {
    const { analysis, offset } = at('h = 1\nh = h + 1\ny = h| * h');
    assert.deepEqual(
      definitionsAt(analysis, offset).map(d => d.span.start),
      [6],
    );
    assert.deepEqual(
      referencesAt(analysis, offset).map(span => span.start),
      [6, 20, 24],
    );
  });
});

describe('Documentation of built-ins', () => {
  const doc = (marked: string): string | undefined => {
    const { analysis, offset } = at(marked);
    return builtInAt(analysis, offset)?.markdown;
  };

  it('shows signature, sentence and formula', () => {
    assert.equal(
      doc('y = soft|max(1)'),
      '```nabla\nsoftmax(x, axis = -1)\n```\n\nScores as probabilities that add up to 1 along an axis.\n\n`y_i = e^(x_i) / sum_j e^(x_j)`',
    );
  });

  it('knows where a name stands', () => {
    assert.match(doc('param W : [3] ~ ze|ros()') ?? '', /zeros\(seed = auto\)/);
    assert.match(doc('y = ze|ros([3])') ?? '', /zeros\(shape\)/);
    assert.match(doc('y = dense(1, 2, act = ta|nh)') ?? '', /hyperbolic tangent/);
    assert.match(doc('train 1 { ba|tch = 3 }') ?? '', /How many rows/);
    assert.match(doc('train 1 { optimizer = ad|am() }') ?? '', /betas = \[0\.9, 0\.999\]/);
    assert.equal(doc('fn tanh(x) { return x }\ny = ta|nh(1)'), undefined);
  });
});

describe('Completion', () => {
  const labels = (marked: string): string[] => {
    const { analysis, offset } = at(marked);
    return completionsAt(analysis, offset).map(completion => completion.label);
  };

  it('offers names, functions and constants in expressions', () => {
    const found = labels('width = 1\ny = w|');
    for (const label of ['width', 'where', 'pi']) assert.ok(found.includes(label), label);
    assert.ok(!found.includes('train'));
    assert.ok(!found.includes('adam'));
  });

  it('offers statements at the start of one', () => {
    assert.ok(labels('a = 1\n|').includes('param'));
    assert.ok(labels('pa|').includes('param'));
    assert.ok(!labels('a = 1 + |').includes('param'));
  });

  it('offers the keys of train that are not given, and what each takes', () => {
    const keys = labels('w = 1\ntrain w {\n  batch = 3\n  |\n}');
    assert.ok(keys.includes('optimizer') && !keys.includes('batch') && !keys.includes('param'));
    assert.deepEqual(labels('w = 1\ntrain w {\n  optimizer = |\n}').slice(0, 2), ['sgd', 'adagrad']);
    assert.equal(labels('w = 1\ntrain w { batch = | }')[0], 'full');
    assert.ok(labels('tune { lr = |\n}').includes('log_uniform'));
  });

  it('offers initialisers after ~ and sources after data', () => {
    assert.ok(labels('param W : [3] ~ |').includes('xavier'));
    assert.ok(labels('data d = |').includes('csv'));
  });

  it('offers arguments and words inside a call', () => {
    assert.ok(labels('x = 1\ny = dense(x, 3, |)').includes('act ='));
    assert.ok(labels('x = 1\ny = dense(x, 3, act = |)').includes('relu'));
    assert.ok(labels('train 1 { optimizer = adam(|\n}').includes('betas ='));
    assert.ok(labels('fn f(a, rate = 1) { return a }\ny = f(1, |').includes('rate ='));
    assert.ok(labels('x = 1\ny = mse(x, x, reduction = s|)').includes('sum'));
  });

  it('offers nothing in comments, strings and after a point', () => {
    for (const marked of ['# a |', 'data d = csv("|")', 'h = 1\ny = h.|'])
      assert.deepEqual(labels(marked), []);
  });
});
