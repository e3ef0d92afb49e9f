import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { formatEdits, formatted } from '../../../src/language/format/format';
import { parse } from '../../../src/language/parser';
import { Source } from '../../../src/language/source';
import { corpus } from './models';

const root = resolve(__dirname, '../../..');
const format = (text: string): string | undefined => formatted(new Source('m.nabla', text));
const parsed = (text: string) => parse(new Source('m.nabla', text));

/** The tree without places; blanks at the end of a comment's line are no part of it. */
function tree(text: string): string {
  return JSON.stringify(parsed(text).file, (key, value: unknown) => {
    if (key === 'span' || key === 'operatorSpan') return undefined;
    return key === 'doc' ? String(value).replace(/[^\S\n]+$/gm, '') : value;
  });
}

const pieces = (text: string): string[] =>
  parsed(text)
    .tokens.filter(({ kind }) => kind !== 'blank' && kind !== 'newline')
    .map(({ start, end }) => text.slice(start, end).trimEnd());

/** What must hold for every text. */
function verify(text: string): void {
  const result = format(text);
  const wrong = parsed(text).diagnostics.some(({ severity }) => severity === 'error');
  assert.equal(result === undefined, wrong, JSON.stringify(text));
  if (result === undefined) return;
  const shown = `${JSON.stringify(text)} became ${JSON.stringify(result)}`;
  assert.equal(tree(result), tree(text), shown);
  assert.deepEqual(pieces(result), pieces(text), shown);
  assert.equal(format(result), result, `again: ${shown}`);
  assert.doesNotMatch(result, /[ \t]+$|\n\n\n/m, shown);
}

const lines = (...texts: readonly string[]): string => texts.map(text => `${text}\n`).join('');

describe('Formatting', () => {
  const pairs: readonly [what: string, before: string, after: string][] = [
    ['puts blanks around operators', 'a=1+2*-3**-2', 'a = 1 + 2 * -3 ** -2'],
    ['tells signs from differences', 'check - a ~= - b - - c', 'check -a ~= -b - -c'],
    ['keeps brackets tight', 'a = f ( x [ 1 ],( 2 ) )', 'a = f(x[1], (2))'],
    ['keeps slices tight', 'a = x[ 1 : , : : - 1,... , none]', 'a = x[1:, ::-1, ..., none]'],
    ['spaces named arguments', 'a=dense(x,3,act=tanh)', 'a = dense(x, 3, act = tanh)'],
    ['spaces declarations', 'input x:[N,4]int=a', 'input x : [N, 4] int = a'],
    ['spaces initialisers', 'param W:[N]~xavier()', 'param W : [N] ~ xavier()'],
    ['spaces a tolerance', 'check a~=b(tol=1)', 'check a ~= b (tol = 1)'],
    ['keeps members and transposes tight', 'a = h . W @ x . T', 'a = h.W @ x.T'],
    ['does not make a number of a point', 'a = 1 .T', 'a = 1 .T'],
    ['keeps statements on their line', 'a=1 ;b=2', 'a = 1; b = 2'],
    ['spaces a block on one line', 'train a{steps=1;seed=2}', 'train a { steps = 1; seed = 2 }'],
    ['leaves an empty block empty', 'tune { }', 'tune {}'],
    ['spaces words', 'a = b if(not(c))else[1]', 'a = b if (not (c)) else [1]'],
    ['spaces loops', 'for t in 0 .. 3{y=t}', 'for t in 0..3 { y = t }'],
    ['spaces definitions', 'fn f (a,b=1){return(a)}', 'fn f(a, b = 1) { return (a) }'],
    [
      'spaces the two lists of an optimiser',
      'optimizer f( lr=1 )(p,g){return p}',
      'optimizer f(lr = 1) (p, g) { return p }',
    ],
    ['ends with a line break', 'a = 1\n\n\n', 'a = 1'],
    ['keeps one blank line', '\n\na = 1\n\n \n\nb = 2', lines('a = 1', '', 'b = 2').trimEnd()],
    ['puts plain blanks', 'a\u00a0=\t1', 'a = 1'],
    ['keeps what a number and a text look like', 'a = 1_000 + f("a  b")', 'a = 1_000 + f("a  b")'],
    [
      'indents blocks',
      'if a {\nb = 1\n   } else {\n# c\nb = 2\n}',
      'if a {\n  b = 1\n} else {\n  # c\n  b = 2\n}',
    ],
    ['indents what goes on', 'a = b +\nc\nd = f(\ng(x,\n1),\n)', 'a = b +\n  c\nd = f(\n  g(x,\n    1),\n)'],
    [
      'keeps what stands below the first in its bracket',
      'A=[[1,2],\n   [3,4]]\nb = c +\n    d',
      'A = [[1, 2],\n     [3, 4]]\nb = c +\n    d',
    ],
    [
      'keeps signs that are aligned, as far to the left as they fit',
      'h     =1\nlogits   = 2\nloss     = 3',
      'h = 1\nlogits = 2\nloss   = 3',
    ],
    ['does not align what is aligned by accident', 'ab= 1\na = 2', 'ab = 1\na = 2'],
    [
      'aligns declarations in two columns',
      'param W   :[16,3] ~ a\nparam bias:[3]    ~ b\nparam c           = 0',
      'param W    : [16, 3] ~ a\nparam bias : [3]     ~ b\nparam c              = 0',
    ],
    ['aligns named arguments', 'a = f(\n lr     = 1,\n steps  = 2)', 'a = f(\n  lr    = 1,\n  steps = 2)'],
    ['keeps the distance of a comment', 'a=1   # b', 'a = 1   # b'],
    [
      'keeps comments in one column',
      'a=1     # b\nlong=22 # c\n        # d',
      'a = 1     # b\nlong = 22 # c\n          # d',
    ],
    ['leaves the text of comments', '#a\n#  b   \na = 1 #!', '#a\n#  b\na = 1 #!'],
  ];
  for (const [what, before, after] of pairs) {
    it(what, () => {
      assert.equal(format(before), `${after}\n`);
      verify(before);
    });
  }

  it('leaves a file with a syntax error', () => {
    assert.equal(format('a=1\nb = (\n'), undefined);
    assert.equal(format('a=None'), undefined);
    assert.equal(format('\0'), undefined);
  });

  it('leaves nothing as it is, and the byte-order mark', () => {
    assert.equal(format(''), '');
    assert.equal(format(' \n\n'), '');
    assert.equal(format('\ufeffa=1'), '\ufeffa = 1\n');
  });

  it('ends lines as the file does, CR as LF', () => {
    assert.equal(format('a=1\r\nb=2\r\n'), 'a = 1\r\nb = 2\r\n');
    assert.equal(format('a=1\rb=2'), 'a = 1\nb = 2\n');
    assert.equal(format('a=1\nb=2\nc=3\r\n'), 'a = 1\nb = 2\nc = 3\n');
  });

  it('changes blanks alone, and only where they differ', () => {
    const text = 'a=1 # b\nc = 2\n';
    assert.deepEqual(formatEdits(new Source('m.nabla', text)), [
      { span: { start: 1, end: 1 }, text: ' ' },
      { span: { start: 2, end: 2 }, text: ' ' },
    ]);
  });

  it('leaves a line that would become too long', () => {
    const text = `a = [${'1,'.repeat(400_000)}1]\n`;
    assert.equal(format(text), text);
  });

  for (const folder of ['examples', 'examples/course']) {
    for (const name of readdirSync(join(root, folder)).filter(each => each.endsWith('.nabla'))) {
      it(`has nothing to do in ${folder}/${name}`, () => {
        const text = readFileSync(join(root, folder, name), 'utf8');
        assert.equal(format(text), text);
      });
    }
  }

  const page = readFileSync(join(root, 'docs/language.md'), 'utf8');
  it('has nothing to do in the language reference', () => {
    for (const [, text] of page.matchAll(/```nabla\n([\s\S]*?)```/g)) assert.equal(format(text!), text);
  });

  const texts = corpus();

  it('changes no meaning where blanks come and go', () => {
    const blank = fc.constantFrom('', ' ', '   ', '\t', '\n', '\n\n\n', ' # c\n');
    const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), blank });
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(change, { maxLength: 12 }), (text, changes) => {
        const { tokens } = parsed(text);
        const blanks = new Map(changes.map(({ at, blank }) => [Math.floor(at * tokens.length), blank]));
        verify(
          tokens
            .map(({ kind, start, end }, i) => {
              const put = blanks.get(i);
              if (put !== undefined && kind === 'blank') return put;
              return `${put ?? ''}${text.slice(start, end)}`;
            })
            .join(''),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('changes no meaning of texts made of random pieces', () => {
    const words = [
      'a',
      'x',
      '=',
      ' = ',
      '-',
      '+',
      '**',
      '@',
      '(',
      ')',
      '[',
      ']',
      ',',
      ':',
      '1',
      '.T',
      '.',
      'not ',
    ];
    const more = [
      'f(',
      ' if ',
      ' else ',
      '\n',
      '\n\n',
      '# c',
      ' ',
      '   ',
      'check ',
      '~=',
      '..',
      'param ',
      '{',
      '}',
      ';',
    ];
    const statements = [
      'a=1',
      'a  = -x',
      'train a {',
      'tune{',
      'for t in 0..3 {',
      'check a ~= b(tol=1)',
      'b = [\n',
    ];
    const piece = fc.constantFrom(...words, ...more, ...statements);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), parts => verify(parts.join(''))),
      { numRuns: 10_000 },
    );
  });
});
