import assert from 'node:assert/strict';
import { readers } from '../../../src/data/source';
import { gradientForms } from '../../../src/language/lower/gradients';
import { builtins } from '../../../src/library/builtins';
import type { Signature } from '../../../src/library/signature';
import { type SignatureContext, signatures } from '../../../src/library/signatures';
import { cell, code, pages, type Row } from './page';
import { failedChecks, read } from './program';
import { written } from './signature';
import { callsOf } from './syntax';

/** What the first column is called of the tables whose rows end with an example that checks itself. */
const columns = {
  expression: 'function',
  initializer: 'after `~`',
  'data source': 'source',
} as const satisfies Partial<Record<SignatureContext, string>>;

type Context = keyof typeof columns;

const contexts = Object.keys(columns) as Context[];

function rowsOf(context: Context, name: string): Row[] {
  const column = columns[context];
  return pages
    .flatMap(page => page.rows)
    .filter(row => row.header[0] === column && code(cell(row, column)).startsWith(`${name}(`));
}

describe('the reference of functions', function () {
  this.timeout(60_000);

  it('goes through everything that can be called', () => {
    const known = new Set(contexts.flatMap(context => signatures(context)).map(({ name }) => name));
    const callable = [...Object.keys(builtins), ...Object.keys(gradientForms), ...Object.keys(readers)];
    assert.deepEqual(
      callable.filter(name => !known.has(name)),
      [],
    );
  });

  for (const context of contexts) {
    for (const signature of signatures(context)) {
      const { name } = signature;
      it(`shows ${context} ${name} with numbers that hold`, async () => {
        const [row, second] = rowsOf(context, name);
        assert.ok(row, `no table has a row for ${name}`);
        assert.ok(!second, `${name} has two rows`);
        assert.equal(code(cell(row, columns[context])), written(signature));
        const text = code(cell(row, 'example'));
        const program = await read(text);
        assert.deepEqual(program.findings, [], text);
        assert.ok(program.model.checks.length > 0, `\`${text}\` checks nothing`);
        assert.ok(callsOf(program.file, name).length > 0, `\`${text}\` does not call ${name}`);
        assert.deepEqual(failedChecks(program), []);
      });
    }
  }

  it('shows every argument of every kind of function at least once', async () => {
    const texts = pages.flatMap(({ rows, blocks }) => [
      ...rows.map(row => code(cell(row, 'example'))).filter(text => text !== ''),
      ...blocks.filter(({ language, next }) => language === 'nabla' && !next).map(({ text }) => text),
    ]);
    const files = (await Promise.all(texts.map(read))).map(({ file }) => file);
    const given = ({ name, parameters }: Signature, index: number): boolean =>
      files.some(file =>
        callsOf(file, name).some(({ arguments: args }) => {
          const positional = args.filter(argument => !argument.name).length;
          return index < positional || args.some(argument => argument.name?.name === parameters[index]!.name);
        }),
      );
    const shown = new Set<string>();
    const all = new Set<string>();
    for (const signature of contexts.flatMap(context => signatures(context))) {
      signature.parameters.forEach(({ name, variadic }, i) => {
        const argument = `${name} of a ${signature.group}`;
        all.add(argument);
        if (variadic || given(signature, i)) shown.add(argument);
      });
    }
    assert.deepEqual(
      [...all].filter(argument => !shown.has(argument)),
      [],
    );
  });
});
