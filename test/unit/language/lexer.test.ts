import assert from 'node:assert/strict';
import { decodeText } from '../../../src/language/encoding';
import { lex } from '../../../src/language/lexer';
import { Source } from '../../../src/language/source';
import { isName } from '../../../src/language/token';
import { repaired, syntaxErrors, tree } from './text';

function words(text: string): string {
  return lex(new Source('m.nabla', text))
    .tokens.filter(t => t.kind !== 'blank' && t.kind !== 'end')
    .map(t => (t.kind === 'newline' ? '⏎' : `${t.kind}:${t.text}`))
    .join(' ');
}

describe('Lexical structure', () => {
  const table: [text: string, tokens: string][] = [
    ['x = 1 # one', 'name:x operator:= number:1 comment:# one'],
    ['a\nb\r\nc\rd', 'name:a ⏎ name:b ⏎ name:c ⏎ name:d'],
    ['\ufeffa\t\u00a0b', 'name:a name:b'],
    ['θ σ_2 ŷ _x', 'name:θ name:σ_2 name:ŷ name:_x'],
    ['x\u0302', 'name:x\u0302'],
    ['y\u0302', 'name:ŷ'],
    ['1 1_000 0.5 1e-3 2.5E+4', 'number:1 number:1000 number:0.5 number:1e-3 number:2.5e+4'],
    ['0..3 a:b ...', 'number:0 operator:.. number:3 name:a operator:: name:b operator:...'],
    ['a**b//c~=d', 'name:a operator:** name:b operator:// name:c operator:~= name:d'],
    ['"a \\"b\\" \\\\ \\n\\t#"', 'string:a "b" \\ \n\t#'],
    ['if iffy not nothing', 'keyword:if name:iffy keyword:not name:nothing'],
    ['param data train', 'name:param name:data name:train'],
    ['a<-b', 'name:a operator:< operator:- name:b'],
    ['x.T h.W2', 'name:x operator:. name:T name:h operator:. name:W2'],
  ];
  for (const [text, tokens] of table) {
    it(JSON.stringify(text), () => assert.equal(words(text), tokens));
  }

  it('compares names in NFC', () => {
    assert.equal(tree('y\u0302 = 1\nz = ŷ'), 'ŷ = 1; z = ŷ');
  });

  it('knows what can be a name', () => {
    for (const name of ['x', 'θ', 'x\u0302', '_', 'train', 'a1', 'Ω']) assert.ok(isName(name), name);
    for (const name of ['', '1a', 'a b', 'if', 'true', 'x-y', '²', 'a.b']) assert.ok(!isName(name), name);
  });

  const errors: [text: string, error: string, fixed?: string][] = [
    ['x = 1.', '1:5 syntax A number has digits on both sides: write `1.0`.', 'x = 1.0'],
    ['x = .5', '1:5 syntax A number has digits on both sides: write `0.5`.', 'x = 0.5'],
    ['x = 1e', '1:5 syntax A number has digits on both sides: write `1`.', 'x = 1'],
    ['x = 1__0', '1:5 syntax A number has digits on both sides: write `1_0`.', 'x = 1_0'],
    [
      'a = 1\nx = 3a',
      '2:5 syntax A product needs its sign: write `3 * a`. A name cannot start with a digit.',
      'a = 1\nx = 3 * a',
    ],
    ['x = 0xff', '1:5 syntax-python Numbers are decimal: write `255`.', 'x = 255'],
    [
      'x = 1e999',
      '1:5 text-limit This number is too large to hold (above 1.8e308): write `inf` for infinity.',
    ],
    ['data d = csv("a.csv)', '1:14 syntax The string has no closing `"` on its line.'],
    [
      'data d = csv("a\\data.csv")',
      '1:16 syntax `\\d` means nothing in a string: a backslash is written `\\\\`, and paths take `/`.',
      'data d = csv("a/data.csv")',
    ],
    [
      "data d = csv('a.csv')",
      '1:14 syntax-python Strings stand in double quotes: `"`.',
      'data d = csv("a.csv")',
    ],
    [
      'data d = csv(“a.csv”)',
      '1:14 text-character Strings stand in plain double quotes: `"`.',
      'data d = csv("a.csv")',
    ],
    ['x = 2 − 1', '1:7 text-character `−` (U+2212) is written `-` here.', 'x = 2 - 1'],
    ['x = 2 × 3', '1:7 text-character `×` (U+00D7) is written `*` here.', 'x = 2 * 3'],
    ['x = （2）', '1:5 text-character `（` (U+FF08) is written `(` here.', 'x = (2)'],
    ['x ＝ 2', '1:3 text-character `＝` (U+FF1D) is written `=` here.', 'x = 2'],
    ['x = ５', '1:5 text-character `５` (U+FF15) is written `5` here.', 'x = 5'],
    ['x = 3²', '1:6 text-character `²` (U+00B2) is written `** 2` here.', 'x = 3** 2'],
    ['x₁ = 2', '1:1 text-character A small lowered digit cannot stand in a name: write `x1`.', 'x1 = 2'],
    ['x = 1 ≤ 2', '1:7 text-character `≤` (U+2264) is written `<=` here.', 'x = 1 <= 2'],
    ['x = 1\u200b', '1:6 text-character An invisible U+200B: put a plain blank or nothing.', 'x = 1'],
    ['x = 1\u3000+ 2', '1:6 text-character An invisible U+3000: put a plain blank or nothing.', 'x = 1 + 2'],
    ['x = 2 $ 3', '1:7 text-character `$` (U+0024) means nothing here.'],
    ['x = 1 \ufffd', '1:7 text-encoding This is not UTF-8: save the file with the encoding UTF-8.'],
    ['x = true && false', '1:10 syntax-python `&&` is written `and` here.', 'x = true and false'],
    ['x = true||false', '1:9 syntax-python `||` is written `or` here.', 'x = true or false'],
    ['x = !true', '1:5 syntax-python `!` is written `not` here.', 'x = not true'],
    ['x = 2 ^ 3', '1:7 syntax-python A power is written `x ** 2`; `^` means nothing here.', 'x = 2 ** 3'],
    [
      'x = 1 + \\\n2',
      '1:9 syntax-python A line needs no `\\` to go on: it goes on inside brackets and after an operator.',
      'x = 1 + \n2',
    ],
    [
      '"""A net."""\nx = 1',
      '1:1 syntax-python Comments and descriptions start with `#`; there is no `"""`.',
      '# A net.\nx = 1',
    ],
  ];
  for (const [text, error, fixed] of errors) {
    it(`${JSON.stringify(text)} is an error`, () => {
      assert.equal(syntaxErrors(text)[0], error);
      if (fixed === undefined) return;
      assert.equal(repaired(text), fixed);
      assert.deepEqual(syntaxErrors(fixed), []);
    });
  }

  it('reads a look-alike as what it stands for', () => {
    assert.equal(tree('x ＝ （１ − 2）×3²'), 'x = ((1 - 2) * (3 ** 2))');
  });
});

describe('Text that is no model', () => {
  const only = (text: string): string => {
    const errors = syntaxErrors(text);
    assert.equal(errors.length, 1);
    return errors[0]!;
  };

  it('names UTF-16 and other NULs, once', () => {
    assert.equal(
      only('x\0 \0=\0 \x001\0'),
      '1:2 text-encoding The file is UTF-16: save it with the encoding UTF-8.',
    );
    assert.match(only(`${'x = 1\n'.repeat(20)}\0`), /text-encoding The file holds a NUL character/);
  });

  it('refuses a line of more than a million characters, once', () => {
    assert.match(only(`x = 1\ny = ${'1'.repeat(1_000_001)}`), /^2:1 text-limit A line has at most/);
    assert.deepEqual(syntaxErrors(`# ${'a'.repeat(999_990)}`), []);
  });

  const deep: [name: string, text: string][] = [
    ['parentheses', `x = ${'('.repeat(5000)}1${')'.repeat(5000)}`],
    ['parentheses that are never closed', `x = ${'('.repeat(5000)}`],
    ['lists', `x = ${'['.repeat(5000)}1${']'.repeat(5000)}`],
    ['calls', `x = ${'exp('.repeat(5000)}1${')'.repeat(5000)}`],
    ['minus signs', `x = ${'-'.repeat(5000)}1`],
    ['powers', `x = ${'2 ** '.repeat(5000)}1`],
    ['sums', `x = ${'1 + '.repeat(5000)}1`],
    ['indices', `x = y${'[0]'.repeat(5000)}`],
    ['choices', `x = ${'1 if 1 else '.repeat(5000)}1`],
    ['blocks', 'if 1 {\n'.repeat(5000) + '}\n'.repeat(5000)],
    ['branches', `if 1 { }${' else if 1 { }'.repeat(5000)}`],
  ];
  for (const [name, text] of deep) {
    it(`refuses thousands of nested ${name}, once`, () => assert.match(only(text), /text-limit/));
  }

  it('allows 500 levels and chains of 900 operators', () => {
    assert.deepEqual(syntaxErrors(`x = ${'('.repeat(499)}1${')'.repeat(499)}`), []);
    assert.deepEqual(syntaxErrors(`x = ${'1 + '.repeat(900)}1`), []);
  });
});

describe('Bytes', () => {
  it('are UTF-8, with or without a byte-order mark', () => {
    assert.deepEqual(decodeText(new TextEncoder().encode('θ = 1')), { text: 'θ = 1' });
    const marked = decodeText(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]));
    assert.deepEqual(marked, { text: '\ufeffa' });
  });

  it('that are something else are named', () => {
    assert.match(JSON.stringify(decodeText(new Uint8Array([0xff, 0xfe, 0x61, 0]))), /UTF-16/);
    assert.match(JSON.stringify(decodeText(new Uint8Array([0x61, 0xe9, 0x62]))), /not valid UTF-8/);
  });
});
