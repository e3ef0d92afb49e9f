import assert from 'node:assert/strict';
import type { Signature } from '../../../src/library/signature';
import { signatures } from '../../../src/library/signatures';
import { type BlockKey, trainKeys, tuneKeys } from '../../../src/library/trainKeys';
import { evaluate } from '../../../src/runtime/evaluate';
import { onnxRuntime } from '../../../src/runtime/onnx/runtime';
import { backends } from '../../../src/training/executor';
import { Run } from '../../../src/training/run';
import type { TrialDone } from '../../../src/training/tuning/events';
import { search } from '../../../src/training/tuning/search';
import { cell, code, pageOf, type Row } from './page';
import { type Program, read } from './program';
import { written } from './signature';
import { callsOf } from './syntax';
import { keysOf, trained, withEntries } from './variants';

const page = pageOf('training');

/** The rows of the table that has these columns. */
function tableWith(...columns: string[]): readonly Row[] {
  const rows = page.rows.filter(({ header }) => columns.every(column => header.includes(column)));
  assert.ok(rows.length > 0, `no table has the columns ${columns.join(', ')}`);
  return rows;
}

/** The example that stands above a table, and that its rows change. */
function exampleAbove(row: Row): string {
  const block = page.blocks.filter(({ language, line }) => language === 'nabla' && line < row.line).at(-1);
  assert.ok(block, `no example above line ${row.line}`);
  return block.text;
}

function exampleBelow(row: Row): string {
  const block = page.blocks.find(({ language, line }) => language === 'nabla' && line > row.line);
  assert.ok(block, `no example below line ${row.line}`);
  return block.text;
}

async function readSound(text: string): Promise<Program> {
  const program = await read(text);
  assert.deepEqual(program.findings, [], text);
  return program;
}

const numbersIn = (text: string): number[] => (text.match(/-?\d[\d.e-]*/g) ?? []).map(Number);

/** As many digits as are shown. */
function assertShown(actual: readonly number[], shown: readonly number[]): void {
  assert.deepEqual(
    actual.map(value => Number(value.toPrecision(7))),
    shown,
  );
}

function assertKeys(rows: readonly Row[], keys: readonly BlockKey[]): void {
  assert.deepEqual(
    rows.map(row => [code(cell(row, 'key')), code(cell(row, 'default'))]),
    keys.map(({ name, default: standard = '' }) => [name, standard]),
  );
}

function assertSignatures(rows: readonly Row[], column: string, expected: readonly Signature[]): void {
  assert.deepEqual(
    rows.map(row => code(cell(row, column))),
    expected.map(written),
  );
}

describe('docs/training.md', function () {
  this.timeout(60_000);

  describe('keys of train', () => {
    const rows = tableWith('key', 'updates', 'loss');

    it('are all listed with their defaults', () => assertKeys(rows, trainKeys));

    it('begin with an example that does what is said of it', async () => {
      const text = exampleAbove(rows[0]!);
      const { updates, loss } = trained(await readSound(text));
      const said = page.text.slice(page.text.indexOf(text) + text.length);
      assert.ok(
        said.startsWith(`\`\`\`\n\nmakes ${updates} updates and ends with a loss of ${loss.toFixed(3)}`),
      );
    });

    for (const row of rows) {
      const key = code(cell(row, 'key'));
      it(`${key} does what its example says`, async () => {
        const entries = code(cell(row, 'example'));
        assert.ok(keysOf('train', entries).includes(key), `\`${entries}\` does not have ${key}`);
        const { updates, loss } = trained(await readSound(withEntries(exampleAbove(row), 'train', entries)));
        assert.deepEqual([`${updates}`, loss.toFixed(3)], [cell(row, 'updates'), cell(row, 'loss')]);
      });
    }
  });

  describe('what runs the steps', () => {
    const rows = tableWith('`--backend`, `nabla.backend`');

    it('lists every backend', () => {
      assert.deepEqual(
        rows.map(row => code(row.cells[0]!)),
        [...backends],
      );
    });

    it('has an example that is large, and small with fewer units', async function () {
      if ('missing' in onnxRuntime()) this.skip();
      const text = exampleBelow(rows[0]!);
      const executorOf = async (changed: string): Promise<string> => {
        const { model, tables } = await readSound(changed);
        const run = new Run(model, tables, { evaluate });
        run.dispose();
        return run.executor.backend;
      };
      assert.equal(await executorOf(text), 'onnx');
      assert.equal(await executorOf(text.replace('units = 1000', 'units = 4')), 'js');
    });

    it('names the operations that are left to our own code', async function () {
      if ('missing' in onnxRuntime()) this.skip();
      const lacking = {
        solve: 'sum(solve([[2.0, 1], [1, 3]] * w[0] ** 2, w) ** 2)',
        argsort: 'sum(w[argsort(w)] * [1, 2])',
        numeric_grad: 'sum(numeric_grad(sum(w ** 3), w) ** 2)',
        'precision = 64': 'sum(w ** 2)',
      };
      const sentence = /where a step needs what it lacks \(([^)]*)\)/.exec(
        page.text.replaceAll('\n', ' '),
      )![1]!;
      assert.deepEqual(
        [...sentence.matchAll(/`([^`]*)`/g)].map(match => match[1]),
        Object.keys(lacking),
      );
      for (const [name, loss] of Object.entries(lacking)) {
        const precision = name.startsWith('precision') ? `; ${name}` : '';
        const { model, tables } = await readSound(
          `param w = [1.5, 2.5]\nloss = ${loss}\ntrain loss { steps = 2${precision} }\n`,
        );
        const run = new Run(model, tables, { evaluate, executor: { backend: 'onnx' } });
        assert.equal(run.executor.backend, 'js', name);
        assert.ok(run.executor.warning, name);
      }
    });
  });

  describe('optimizers', () => {
    const rows = tableWith('optimizer in the example', '`w`');
    const called = rows.map(row => code(cell(row, 'optimizer in the example')));

    it('are all listed with their settings', () =>
      assertSignatures(tableWith('optimizer', 'what it is'), 'optimizer', signatures('optimizer')));

    for (const { name, parameters } of signatures('optimizer')) {
      it(`${name} has every setting in an example`, () => {
        const own = called.filter(call => call.startsWith(`${name}(`));
        assert.ok(own.length > 0, `no example of ${name}`);
        const missing = parameters.filter(setting => !own.some(call => call.includes(`${setting.name} = `)));
        assert.deepEqual(missing, []);
      });
    }

    for (const [i, row] of rows.entries()) {
      it(`${called[i]} goes where its example says`, async () => {
        const text = withEntries(exampleAbove(row), 'train', `optimizer = ${called[i]}`);
        const { parameters } = trained(await readSound(text));
        assertShown([...parameters.get('w')!], numbersIn(cell(row, '`w`')));
      });
    }
  });

  describe('schedules', () => {
    const rows = tableWith('schedule', 'factors of the first updates');

    it('are all listed with their settings', () =>
      assertSignatures(rows, 'schedule', signatures('schedule')));

    for (const row of rows) {
      const schedule = code(cell(row, 'example'));
      it(`${schedule} multiplies as its example says`, async () => {
        assert.ok(cell(row, 'schedule').startsWith(`\`${schedule.split('(')[0]}(`));
        const factors = numbersIn(cell(row, 'factors of the first updates'));
        const entries = `optimizer = sgd(lr = 1); schedule = ${schedule}; steps = ${factors.length}`;
        const program = await readSound(`param w = 1\ntrain w { ${entries} }\n`);
        assertShown(trained(program).rates, factors);
      });
    }
  });

  describe('tune', () => {
    const ranges = tableWith('range', 'settings tried');
    const keys = tableWith('key', 'trainings');
    const trialsOf = ({ model, tables }: Program): TrialDone[] => {
      const events = [...search(model.tuning!, tables, evaluate)];
      return events.filter((event): event is TrialDone => event.kind === 'trial');
    };

    it('has all ranges and keys with their defaults', () => {
      assertSignatures(ranges, 'range', signatures('search'));
      assertKeys(keys, tuneKeys);
    });

    for (const row of ranges) {
      const entries = code(cell(row, 'example'));
      it(`${entries} tries the settings of its example`, async () => {
        const program = await readSound(withEntries(exampleAbove(row), 'tune', entries));
        const [name] = /^\w+/.exec(cell(row, 'range').slice(1))!;
        assert.ok(callsOf(program.file, name).length > 0, `\`${entries}\` does not use ${name}`);
        const tried = trialsOf(program).map(({ settings }) => Number(settings.lr));
        assertShown(tried, numbersIn(cell(row, 'settings tried')));
      });
    }

    for (const row of keys) {
      const entries = code(cell(row, 'example'));
      it(`${entries} trains as often as its example says`, async () => {
        assert.ok(keysOf('tune', entries).includes(code(cell(row, 'key'))));
        const program = await readSound(withEntries(exampleAbove(row), 'tune', entries));
        const trainings = trialsOf(program).reduce((sum, { folds }) => sum + folds.length, 0);
        assert.equal(`${trainings}`, cell(row, 'trainings'));
      });
    }
  });
});
