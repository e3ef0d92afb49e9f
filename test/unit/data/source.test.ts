import assert from 'node:assert/strict';
import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { cos, sin } from '../../../src/data/angle';
import { DataCache } from '../../../src/data/cache';
import { DataError } from '../../../src/data/error';
import { loadSource, type SourceArgument, type SourceSpec } from '../../../src/data/source';
import { syntheticSets } from '../../../src/data/synthetic';
import { columnIndex } from '../../../src/data/table';
import { temporaryFolder, valuesOf } from './folder';

const examples = join(__dirname, '../../../examples/data');
const source = (kind: string, args: Record<string, SourceArgument> = {}): SourceSpec => ({
  kind,
  arguments: args,
});
const csv = (path: string, args: Record<string, SourceArgument> = {}): SourceSpec =>
  source('csv', { path, ...args });
const column = async (spec: SourceSpec, name: string): Promise<number[]> => {
  const { table } = await loadSource(spec, '.');
  return [...valuesOf(table.data[columnIndex(table, name)])];
};

describe('shipped data', () => {
  it('has the irises', async () => {
    const { table, warnings } = await loadSource(csv('data/iris.csv'), join(examples, '..'));
    assert.equal(table.rows, 150);
    assert.deepEqual(table.columns[4], {
      name: 'species',
      dtype: 'int',
      classes: ['setosa', 'versicolor', 'virginica'],
    });
    assert.deepEqual(
      table.data.map(data => valuesOf(data)[0]),
      [5.1, 3.5, 1.4, 0.2, 0],
    );
    assert.deepEqual(warnings, []);
  });

  it('has the digits', async () => {
    const { table } = await loadSource(csv('digits.csv.gz'), examples);
    assert.deepEqual([table.rows, table.columns.length], [1797, 65]);
    assert.ok(table.data.every(data => data instanceof Uint8Array));
    assert.equal(columnIndex(table, 'digit'), 64);
    assert.equal(Math.max(...table.data[20]!), 16);
  });

  it('names where every file comes from', () => {
    const text = readFileSync(join(examples, 'SOURCES.md'), 'utf8');
    for (const name of ['iris.csv', 'digits.csv.gz']) assert.ok(text.includes(`| \`${name}\` |`));
  });
});

describe('sources', () => {
  const folder = temporaryFolder();
  const fails = (spec: SourceSpec, pattern: RegExp): Promise<void> =>
    assert.rejects(loadSource(spec, folder.path()), (error: Error) => {
      assert.ok(error instanceof DataError, String(error));
      assert.match(error.message, pattern);
      return true;
    });

  it('refuse unknown kinds, arguments and paths that are none', async () => {
    await fails(source('cvs'), /cvs is not a data source. Did you mean csv\?/);
    await fails(source('constructor'), /not a data source/);
    await fails(source('csv'), /csv needs the path/);
    await fails(csv('a.csv', { sep: ';' }), /csv has no argument "sep"; it takes path, header, names, test/);
    await fails(csv('a.csv', { header: 'maybe' }), /header of csv is true, false or auto/);
    await fails(csv('a.csv', { names: ['a', 'a'] }), /different names/);
    await fails(csv('~/a.csv'), /~ is not expanded/);
    await fails(csv('https://host/a.csv'), /is an address/);
    await fails(csv(' '), /path of a data file is empty/);
    await fails(csv('a\0.csv'), /NUL/);
    await fails(csv('a.csv', { test: 3 }), /test of csv is a path or another source/);
    await fails(csv('data\\a.csv'), process.platform === 'win32' ? /does not exist/ : /Write \/ between/);
  });

  it('bring their own test rows, with one set of classes', async () => {
    folder.write('a.csv', 'v,kind\n1,dog\n2,cat\n');
    folder.write('b.csv', 'v,kind\n0.5,ape\n,dog\n');
    folder.write('c.csv', 'v,sort\n1,dog\n');
    folder.write('d.csv', 'v,kind,w\n1,dog,3\n');
    folder.write('e.csv', 'v,kind\n1,3\n');
    for (const test of ['b.csv', csv('b.csv')]) {
      const { table, warnings } = await loadSource(csv('./a.csv', { test }), folder.path());
      assert.deepEqual([table.rows, table.testRows], [4, 2]);
      assert.deepEqual(table.columns[1]!.classes, ['ape', 'cat', 'dog']);
      assert.deepEqual([...valuesOf(table.data[1])], [2, 1, 0, 2]);
      assert.deepEqual([...valuesOf(table.data[0])], [1, 2, 0.5, Number.NaN]);
      assert.deepEqual(table.columns[0], { name: 'v', dtype: 'float', missing: 1, natural: 'float' });
      assert.equal(warnings.length, 1);
    }
    await fails(csv('a.csv', { test: 'c.csv' }), /Column 1 of the test rows of "c.csv" is "sort" \(text\)/);
    await fails(csv('a.csv', { test: 'd.csv' }), /have 3 columns, the training rows 2/);
    await fails(
      csv('a.csv', { test: 'e.csv' }),
      /is "kind" \(int\), but of the training rows "kind" \(text\)/,
    );
    await fails(csv('a.csv', { test: csv('b.csv', { test: 'c.csv' }) }), /test rows of their own/);
  });

  it('make the same set from the same seed', async () => {
    for (const kind of Object.keys(syntheticSets)) {
      const load = async (seed: number) => (await loadSource(source(kind, { noise: 0.5, seed }), '.')).table;
      const first = await load(1);
      assert.deepEqual(await load(1), first, kind);
      assert.notDeepEqual(await load(2), first, kind);
      assert.ok(first.data.every(data => data.length === first.rows));
      const single = await loadSource(source(kind, { n: 1 }), '.');
      assert.ok(
        single.table.data.every(data => Number.isFinite(valuesOf(data)[0]!)),
        kind,
      );
    }
    await fails(source('moons', { size: 3 }), /moons has no argument "size"; it takes n, noise, seed/);
    await fails(source('moons', { n: 0 }), /n of moons must be a whole number from 1/);
    await fails(source('moons', { noise: -1 }), /noise of moons must be from 0/);
    await fails(source('blobs', { seed: 0.5 }), /seed of blobs must be a whole number/);
    await fails(source('blobs', { n: 'many' }), /n of blobs must be a number/);
  });

  it('make the sets they describe', async () => {
    assert.deepEqual(await column(source('xor'), 'x0'), [0, 0, 1, 1]);
    assert.deepEqual(await column(source('xor'), 'x1'), [0, 1, 0, 1]);
    assert.deepEqual(await column(source('xor'), 'label'), [0, 1, 1, 0]);
    assert.deepEqual(await column(source('spiral', { n: 7 }), 'label'), [0, 1, 2, 0, 1, 2, 0]);
    const [x, y, inner] = await Promise.all(
      ['x0', 'x1', 'label'].map(name => column(source('circles'), name)),
    );
    x!.forEach((v, i) => {
      assert.ok(Math.abs(Math.hypot(v, y![i]!) - (inner![i] ? 0.8 : 1)) < 1e-12);
    });
    const moons = await column(source('moons', { n: 4 }), 'x0');
    moons.forEach((v, i) => {
      assert.ok(Math.abs(v - [1, 0, -1, 2][i]!) < 1e-15);
    });
    const blobs = await loadSource(source('blobs', { classes: 5, features: 3 }), '.');
    assert.deepEqual(
      blobs.table.columns.map(c => c.name),
      ['x0', 'x1', 'x2', 'label'],
    );
    const wave = source('sine', { noise: 0 });
    const [angle, value] = await Promise.all([column(wave, 'x0'), column(wave, 'y')]);
    angle!.forEach((v, i) => {
      assert.ok(Math.abs(value![i]! - Math.sin(v)) < 1e-15);
    });
  });

  it('have a sine and cosine of their own that are accurate', () => {
    for (let x = -60; x < 60; x += 0.0137) {
      assert.ok(Math.abs(sin(x) - Math.sin(x)) < 3e-16 && Math.abs(cos(x) - Math.cos(x)) < 3e-16);
    }
  });
});

describe('data cache', () => {
  const folder = temporaryFolder();

  it('reads a file once, until it changes', async () => {
    const cache = new DataCache();
    const file = folder.write('a.csv', 'a\n1\n');
    const load = async (args = {}) => (await cache.table(csv('a.csv', args), folder.path())).table;
    const [first, second] = await Promise.all([load(), load()]);
    assert.equal(first, second);
    assert.notEqual(await load({ header: true }), first);
    assert.equal(await load(), first);
    assert.deepEqual(await cache.schema(csv('a.csv'), folder.path()), { rows: 1, columns: first.columns });
    utimesSync(file, 1, 1);
    assert.notEqual(await load(), first);
    folder.write('a.csv', 'a\n1\n2\n');
    assert.equal((await load()).rows, 2);
  });

  it('remembers what is wrong, and sees it mended', async () => {
    const cache = new DataCache();
    const load = () => cache.table(csv('b.csv'), folder.path());
    await assert.rejects(load(), /does not exist/);
    folder.write('b.csv', 'a,b\n1\n');
    const [one, two] = await Promise.all([load(), load()].map(p => p.catch((error: unknown) => error)));
    assert.ok(one instanceof DataError && one === two);
    folder.write('b.csv', 'a,b\n1,2\n');
    assert.equal((await load()).table.rows, 1);
  });

  it('goes on for the others when one caller gives up', async () => {
    const cache = new DataCache();
    folder.write('c.csv', `a\n${'1\n'.repeat(500_000)}`);
    const stop = new AbortController();
    const load = (options = {}) => cache.table(csv('c.csv'), folder.path(), options);
    const gaveUp = load({ signal: stop.signal, onProgress: () => stop.abort() });
    const other = load();
    await assert.rejects(gaveUp, { name: 'AbortError' });
    assert.equal((await other).table.rows, 500_000);
  });

  it('keeps a limited number of tables', async () => {
    const cache = new DataCache(2);
    const load = async (seed: number) => (await cache.table(source('moons', { seed }), '.')).table;
    const first = await load(0);
    await load(1);
    assert.equal(await load(0), first);
    await load(2);
    assert.equal(await load(0), first);
    await load(3);
    await load(4);
    assert.notEqual(await load(0), first);
  });
});
