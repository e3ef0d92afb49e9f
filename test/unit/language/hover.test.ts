import assert from 'node:assert/strict';
import { describeCheck, describeName, type HoverFacts } from '../../../src/language/features/hover';
import { occurrenceAt } from '../../../src/language/features/occurrence';
import { Source } from '../../../src/language/source';
import { analyzeText } from '../../../src/language/text';
import { nameInfo, scalar } from '../../support/fakeEngine';

/** What a hover at the cursor `|` has to go by, before the engine knows anything. */
function factsAt(marked: string): HoverFacts {
  const offset = marked.indexOf('|');
  const source = new Source('m.nabla', marked.replace('|', ''));
  const definition = occurrenceAt(analyzeText(source), offset)?.definitions.at(-1);
  assert.ok(definition, 'a name of the file');
  const statement = source.slice(definition.statement.span);
  return { name: definition.name, definition, statement, theme: 'dark' };
}

const matrix = {
  dtype: 'float',
  shape: [40, 30],
  min: -1,
  max: 1,
  mean: 0,
  std: 0.5,
  norm: 17,
  zeros: 0,
  nans: 0,
  infinities: 0,
  picture: { rows: 2, columns: 2, values: [1, -1, 0.5, Number.NaN] },
} as const;

describe('hover', () => {
  it('shows the text before the engine has answered', () => {
    assert.equal(
      describeName(factsAt('# The weight.\nw = 2\nloss = |w * w\n')),
      '```nabla\nw : node\nw = 2\n```\n\nThe weight.',
    );
  });

  it('shows value, gradient, the way of the gradient, and whose they are', () => {
    const hover = describeName({
      ...factsAt('w = 2\n|h = tanh(w)\n'),
      info: nameInfo('h', 6),
      local: ['∂h/∂w = 1 - h²'],
      value: scalar(0.964),
      gradient: scalar(-0.25),
      objective: 'loss',
      state: 'initial, seed 0, 150 rows',
      explain: 'command:x',
    });
    assert.equal(
      hover,
      [
        '```nabla\nh : []\nh = tanh(w)\n```',
        'value `0.964`  \n∂loss `−0.25`',
        '`∂h/∂w = 1 - h²`',
        'initial, seed 0, 150 rows · [Explain](command:x)',
      ].join('\n\n'),
    );
  });

  it('shows statistics and a picture of what is too large to read', () => {
    const hover = describeName({
      ...factsAt('|W = 2\n'),
      info: nameInfo('W', 0, { shape: '[N, 30]', sizes: [40, 30] }),
      value: matrix,
    });
    assert.match(hover, /W : \[N, 30\] {2}# now \[40, 30\]/);
    assert.match(hover, /mean 0 ± 0\.5/);
    assert.match(hover, /!\[picture\]\(data:image\/svg\+xml;base64,/);
  });

  it('says why there is no value', () => {
    const facts = { ...factsAt('|w = 2\n'), info: nameInfo('w', 0), reason: 'Nothing feeds x.' };
    assert.match(describeName(facts), /\*No value: Nothing feeds x\.\*/);
  });

  it('shows the columns of data', () => {
    const info = nameInfo('d', 5, { kind: 'data', columns: ['a: float', 'b: x | y'] });
    assert.match(
      describeName({ ...factsAt('data |d = moons()\n'), info }),
      /Columns: `a: float`, `b: x \| y`/,
    );
  });

  it('stays within 20 lines', () => {
    const doc = Array.from({ length: 30 }, (_, i) => `# line ${i}`).join('\n');
    const body = Array.from({ length: 30 }, (_, i) => `  ${i},`).join('\n');
    const hover = describeName({
      ...factsAt(`${doc}\n|w = [\n${body}\n  30\n]\n`),
      info: nameInfo('w', 0),
      local: Array.from({ length: 9 }, (_, i) => `local ${i}`),
      value: matrix,
      gradient: matrix,
      objective: 'loss',
      state: 'initial',
      explain: 'command:x',
    });
    assert.ok(hover.split('\n').length <= 24, hover);
    // blank lines between sections and the fences of the code are not drawn
    const drawn = hover.split('\n').filter(line => line !== '' && !line.startsWith('```'));
    assert.ok(drawn.length <= 20, String(drawn.length));
  });

  it('shows how a check stands', () => {
    const check = { line: 1, span: { start: 0, end: 5 }, pass: false, deviation: 0.5, message: 'off by 0.5' };
    assert.equal(describeCheck(check, 'initial'), '✗ off by 0.5\n\ninitial');
  });
});
