import assert from 'node:assert/strict';
import { Source } from '../../../src/language/source';
import { namesAt } from '../../../src/language/symbols';
import { analyzeText } from '../../../src/language/text';
import { everything, iris } from './models';
import { problems } from './text';

/** Each use in the order of the text as `name@line -> kind version`, several meanings joined by `|`. */
function uses(text: string): string[] {
  const source = new Source('m.nabla', text);
  return analyzeText(source).symbols.uses.map(({ name, span, definitions }) => {
    const meanings = definitions.map(d => `${d.kind} ${d.version}`);
    return `${name}@${source.line(span.start)} -> ${meanings.join(' | ')}`;
  });
}

describe('What names mean', () => {
  it('is the version in scope on that line', () => {
    assert.deepEqual(uses('h = 1\na = h\nh = h + 1\nb = h'), [
      'h@2 -> node 1',
      'h@3 -> node 1',
      'h@4 -> node 2',
    ]);
  });

  it('may be either branch after an if', () => {
    assert.deepEqual(uses('c = 1\nif c > 0 { h = 1 } else { h = 2 }\ny = h'), [
      'c@2 -> node 1',
      'h@3 -> node 1 | node 2',
    ]);
    assert.deepEqual(uses('h = 0\nif h > 0 { h = 1 }\ny = h').at(-1), 'h@3 -> node 2 | node 1');
  });

  it('may be the turn before in a loop', () => {
    assert.deepEqual(uses('h = 0\nfor t in 0..3 { h = h + t }\ny = h'), [
      'h@2 -> node 1 | node 2',
      't@2 -> loop 1',
      'h@3 -> node 2',
    ]);
  });

  it('is its own inside a function', () => {
    assert.deepEqual(uses('a = 1\nfn f(x) {\n  a = x\n  return a\n}\ny = f(a)'), [
      'x@3 -> formal 1',
      'a@4 -> node 1',
      'f@6 -> fn 1',
      'a@6 -> node 1',
    ]);
  });

  it('of a call is a function, of a bare name a value', () => {
    assert.deepEqual(uses('fn g(x) { return x }\ng = 2\ny = g(g)'), [
      'x@1 -> formal 1',
      'g@3 -> fn 1',
      'g@3 -> node 1',
    ]);
  });

  it('of an argument is the formal of the function', () => {
    assert.ok(uses('fn f(a, b = 1) { return a + b }\ny = f(1, b = 2)').includes('b@2 -> formal 1'));
  });

  it('of a capital in a shape is the symbol, in an expression the value first', () => {
    assert.deepEqual(uses('input x : [N, K]\nparam W : [K] ~ he()\ny = sum(x @ W) / N'), [
      'K@2 -> symbol 1',
      'x@3 -> input 1',
      'W@3 -> param 1',
      'N@3 -> symbol 1',
    ]);
    assert.ok(uses('input x : [N]\nN = 3\ny = N * x').includes('N@3 -> node 1'));
  });

  it('of k in a schedule and step in an optimizer is their own', () => {
    assert.deepEqual(problems('w = 1\ntrain w { schedule = 1 / (1 + k) }'), []);
    assert.deepEqual(problems('optimizer f() (p, g) { return p - g / step }'), []);
    assert.deepEqual(
      uses('k = 3\ny = k\ntrain y { schedule = 1 / k }').filter(use => use.startsWith('k@3')),
      [],
    );
  });

  it('leaves nothing unknown in the models of the manual', () => {
    assert.deepEqual(problems(iris), []);
    assert.deepEqual(
      problems(everything).filter(problem => !problem.includes('name-unused')),
      [],
    );
  });
});

describe('Names at a place', () => {
  it('are those bound above, functions of the whole file, and arguments inside their function', () => {
    const text = 'a = 1\nfn f(x) {\n  b = x\n  return b\n}\nc = 2\n';
    const { symbols } = analyzeText(new Source('m.nabla', text));
    const names = (place: string): string[] =>
      namesAt(symbols, text.indexOf(place))
        .map(d => d.name)
        .sort();
    assert.deepEqual(names('return'), ['a', 'b', 'f', 'x']);
    assert.deepEqual(names('c ='), ['a', 'f']);
  });
});
