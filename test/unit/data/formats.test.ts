import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isStored } from '../../../src/data/column';
import { DataError } from '../../../src/data/error';
import type { Loaded } from '../../../src/data/loaded';
import { loadSource, type SourceArgument, type SourceSpec } from '../../../src/data/source';
import type { Table } from '../../../src/data/table';
import { temporaryFolder, valuesOf } from './folder';

const golden = join(__dirname, '../../golden/data');
const source = (kind: string, args: Record<string, SourceArgument>): SourceSpec => ({
  kind,
  arguments: args,
});
const load = (kind: string, args: Record<string, SourceArgument>, folder = golden): Promise<Loaded> =>
  loadSource(source(kind, args), folder);
const names = ({ columns }: Table): string[] => columns.map(column => column.name);
const types = ({ columns }: Table): string => columns.map(column => column.dtype).join(' ');

const fails = (reading: Promise<unknown>, pattern: RegExp): Promise<void> =>
  assert.rejects(reading, (error: Error) => {
    assert.ok(error instanceof DataError, String(error));
    assert.match(error.message, pattern);
    return true;
  });

describe('npy', () => {
  const expected: Record<string, string[][]> = JSON.parse(
    readFileSync(join(golden, 'expected.json'), 'utf8'),
  );
  for (const [file, rows] of Object.entries(expected)) {
    it(`reads ${file}`, async () => {
      const { table } = await load('npy', { path: file });
      assert.deepEqual(names(table), ['x0', 'x1']);
      assert.equal(table.rows, 3);
      const found = rows.map((_, i) => table.data.map(data => valuesOf(data)[i]));
      const numbers = rows.map(row => row.map(cell => Number(cell.replace('inf', 'Infinity'))));
      assert.deepEqual(found, numbers);
      const dtype = { f: 'float', b: 'bool' }[file[0]!] ?? 'int';
      assert.equal(types(table), `${dtype} ${dtype}`);
    });
  }

  it('keeps the shape of more axes, in either order', async () => {
    for (const path of ['cube.npy', 'cube_fortran.npy']) {
      const { table } = await load('npy', { path });
      assert.deepEqual(table.columns, [{ name: 'x0', dtype: 'int', inner: [3, 4] }]);
      assert.deepEqual(
        [...valuesOf(table.data[0])],
        Array.from({ length: 24 }, (_, i) => i),
      );
    }
    const { table } = await load('npy', { path: 'vector.npy' });
    assert.deepEqual(table.columns, [{ name: 'x0', dtype: 'int' }]);
    assert.deepEqual([...valuesOf(table.data[0])], [3, 1, 2]);
  });

  it('makes whole numbers beyond 32 bits floats', async () => {
    const { table } = await load('npy', { path: 'large_ints.npy' });
    assert.equal(types(table), 'float');
    assert.deepEqual([...valuesOf(table.data[0])], [2 ** 40, -1, 7]);
  });

  it('says what it does not read', async () => {
    await fails(load('npy', { path: 'texts.npy' }), /"texts.npy" holds texts \(<U1\). Convert/);
    await fails(load('npy', { path: 'objects.npy' }), /holds Python objects/);
    await fails(load('npy', { path: 'records.npy' }), /holds records/);
    await fails(load('npy', { path: 'complex.npy' }), /holds complex numbers/);
    await fails(load('npy', { path: 'empty.npy' }), /empty array, \[0, 3\]/);
    await fails(load('npy', { path: 'arrays.npz' }), /is not a .npy file/);
  });
});

describe('npz', () => {
  it('names columns after the arrays, packed or not', async () => {
    for (const path of ['arrays.npz', 'packed.npz']) {
      const { table } = await load('npz', { path });
      assert.deepEqual(names(table), ['x0', 'x1', 'y', 'image']);
      assert.deepEqual(table.columns[3]!.inner, [3, 2, 2]);
      assert.deepEqual([...valuesOf(table.data[1])], [2.5, 4.5]);
      assert.deepEqual([...valuesOf(table.data[2])], [1, 0]);
      assert.equal(valuesOf(table.data[3])[13], 13);
    }
  });

  it('says what it does not read', async () => {
    await fails(load('npz', { path: 'unequal.npz' }), /different lengths: x has 3 rows, y has 2/);
    await fails(load('npz', { path: 'cube.npy' }), /is not a .npz file/);
  });
});

describe('idx', () => {
  const folder = temporaryFolder();
  const set = { images: 'images.idx3-ubyte', labels: 'labels.idx1-ubyte' };

  it('reads pictures and labels, with test rows from packed files', async () => {
    const test = source('idx', { images: 'test-images.idx3-ubyte.gz', labels: 'test-labels.idx1-ubyte.gz' });
    const { table } = await load('idx', { ...set, test });
    assert.deepEqual([table.rows, table.testRows], [7, 2]);
    assert.deepEqual(table.columns, [
      { name: 'image', dtype: 'int', inner: [1, 4, 3] },
      { name: 'label', dtype: 'int' },
    ]);
    assert.deepEqual([...valuesOf(table.data[1])], [7, 2, 1, 0, 4, 7, 2]);
    const pixels = valuesOf(table.data[0]);
    assert.ok(pixels instanceof Uint8Array);
    assert.deepEqual([pixels[0], pixels[59], pixels[60], pixels[83]], [0, 59, 100, 123]);
  });

  it('says what is wrong', async () => {
    const { images, labels } = set;
    await fails(load('idx', { images: labels, labels: images }), /has 1 axes, .*exchanged/);
    await fails(
      load('idx', { images, labels: 'test-labels.idx1-ubyte.gz' }),
      /has 2 labels, but .* has 5 pictures/,
    );
    await fails(load('idx', { images: 'cube.npy', labels }), /not in MNIST's idx format/);
    await fails(load('idx', { images }), /idx needs labels, the path of a file/);
    await fails(load('idx', { ...set, test: 'x' }), /test of idx is another source/);
    const bytes = readFileSync(join(golden, images));
    folder.write('cut', bytes.subarray(0, 50));
    folder.write('long', Buffer.concat([bytes, bytes]));
    await fails(
      load('idx', { images: 'cut', labels: join(golden, labels) }, folder.path()),
      /is cut off: \[5, 4, 3\]/,
    );
    await fails(
      load('idx', { images: 'long', labels: join(golden, labels) }, folder.path()),
      /bytes left over/,
    );
  });
});

describe('cifar10', () => {
  const folder = temporaryFolder();
  const classes = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');
  const record = (label: number, value: number): number[] => [label, ...Array<number>(3072).fill(value)];
  const batches = [
    'data_batch_1',
    'data_batch_2',
    'data_batch_3',
    'data_batch_4',
    'data_batch_5',
    'test_batch',
  ];
  const write = (): void => {
    folder.write('set/batches.meta.txt', `${classes.join('\n')}\n\n`);
    batches.forEach((name, i) => {
      folder.write(`set/${name}.bin`, Uint8Array.from([...record(i, i + 1), ...record(9 - i, 10 * i)]));
    });
  };

  it('reads all batches, the last one as test rows', async () => {
    write();
    const { table } = await load('cifar10', { folder: 'set' }, folder.path());
    assert.deepEqual([table.rows, table.testRows], [12, 2]);
    assert.deepEqual(table.columns, [
      { name: 'image', dtype: 'int', inner: [3, 32, 32] },
      { name: 'label', dtype: 'int', classes },
    ]);
    assert.deepEqual([...valuesOf(table.data[1])], [0, 9, 1, 8, 2, 7, 3, 6, 4, 5, 5, 4]);
    assert.equal(valuesOf(table.data[0])[3072 * 11 - 1], 6);
  });

  it('says what is wrong', async () => {
    write();
    const wrong = (pattern: RegExp): Promise<void> =>
      fails(load('cifar10', { folder: 'set' }, folder.path()), pattern);
    folder.write('set/batches.meta.txt', 'cat\n');
    await wrong(/"set\/batches.meta.txt" lists 1 classes/);
    write();
    folder.write('set/data_batch_2.bin', Uint8Array.from(record(10, 0)));
    await wrong(/"set\/data_batch_2.bin", picture 1: its label is 10/);
    folder.write('set/data_batch_2.bin', new Uint8Array(3000));
    await wrong(/"set\/data_batch_2.bin" is cut off/);
    await fails(
      load('cifar10', { folder: 'nowhere' }, folder.path()),
      /"nowhere\/data_batch_1.bin" .*does not exist/,
    );
    await fails(
      load('cifar10', { folder: 'set', test: 'x' }, folder.path()),
      /cifar10 has no argument "test"/,
    );
  });
});

describe('parquet', () => {
  it('reads numbers, truth values, texts and nulls of every group of rows', async () => {
    for (const path of ['snappy.parquet', 'plain.parquet', 'gzip.parquet']) {
      const { table, warnings } = await load('parquet', { path });
      assert.equal(table.rows, 7);
      assert.deepEqual(names(table), ['x', 'f', 'n', 'big', 'yes', 'kind', 'gap']);
      assert.equal(types(table), 'float float int float bool int float', path);
      assert.deepEqual(table.columns[5]!.classes, ['ant', 'cat', 'dog']);
      assert.deepEqual([...valuesOf(table.data[0])], [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5]);
      assert.deepEqual([...valuesOf(table.data[2])], [-300, -200, -100, 0, 100, 200, 300]);
      assert.equal(valuesOf(table.data[3])[6], 6 * 2 ** 33);
      assert.deepEqual([...valuesOf(table.data[4])], [1, 0, 1, 0, 1, 0, 1]);
      assert.deepEqual([...valuesOf(table.data[5])], [2, 1, 0, 2, 1, 0, 2]);
      assert.deepEqual([...valuesOf(table.data[6])], [0, 1, Number.NaN, 3, 4, 5, 6]);
      assert.match(warnings.join(), /1 empty cell read as NaN \("gap": 1\)/);
    }
    const { table } = await load('parquet', { path: 'nested.parquet' });
    assert.deepEqual(table.columns, [{ name: 'v', dtype: 'int', inner: [2] }]);
    assert.deepEqual([...valuesOf(table.data[0])], [1, 2, 3, 4, 5, 6]);
  });

  it('says what is wrong', async () => {
    await fails(load('parquet', { path: 'dates.parquet' }), /row 1 of column "when" is a date/);
    await fails(
      load('parquet', { path: 'arrays.npz' }),
      /"arrays.npz" is damaged, cut off or not a Parquet file/,
    );
    await fails(load('parquet', { path: 'snappy.parqet' }), /Did you mean "snappy.parquet"/);
  });
});

describe('jsonl', () => {
  const folder = temporaryFolder();
  const read = (text: string): Promise<Loaded> => {
    folder.write('t.jsonl', text);
    return load('jsonl', { path: 't.jsonl' }, folder.path());
  };

  it('makes a column of every key, with NaN where it is missing', async () => {
    const { table, warnings } = await read(
      '{"a": 1, "kind": "b", "v": [[1, 2], [3, 4]]}\n\n{"a": null, "kind": "a", "yes": true}\r\n{"a": 3, "v": [[5, 6], [7, 8.5]]}',
    );
    assert.equal(table.rows, 3);
    assert.deepEqual(table.columns, [
      { name: 'a', dtype: 'float', missing: 1, natural: 'int' },
      { name: 'kind', dtype: 'float', classes: ['a', 'b'], missing: 1, natural: 'int' },
      { name: 'v', dtype: 'float', missing: 1, natural: 'float', inner: [2, 2] },
      { name: 'yes', dtype: 'float', missing: 2, natural: 'bool' },
    ]);
    const nan = Number.NaN;
    assert.deepEqual(
      table.data.map(data => [...valuesOf(data)]),
      [
        [1, nan, 3],
        [1, 0, nan],
        [1, 2, 3, 4, nan, nan, nan, nan, 5, 6, 7, 8.5],
        [nan, 1, nan],
      ],
    );
    assert.match(warnings.join(), /5 empty cells/);
    const whole = (await load('dropna', { d: source('jsonl', { path: 't.jsonl' }) }, folder.path()).catch(
      e => e,
    )) as Error;
    assert.match(whole.message, /dropna leaves no row/);
  });

  it('says which line is wrong, and why', async () => {
    await fails(read(''), /"t.jsonl" is empty/);
    await fails(read('{}\n'), /has no values/);
    await fails(read('{"a": 1}\n{"a": '), /line 2: this is not JSON/);
    await fails(read('[1]'), /line 1: an object is needed/);
    await fails(read('{"a": 1}\n{"a": "x"}'), /line 2: "a" is a text, and the cells above are numbers/);
    await fails(read('{"a": {"b": 1}}'), /line 1: "a" is an object/);
    await fails(
      read('{"a": [1, 2]}\n{"a": [1]}'),
      /line 2: "a" has a list of 1 where the cells above have 2/,
    );
    await fails(read('{"a": [1, "b"]}'), /"a" has a text in a list of numbers/);
  });
});

describe('dropna', () => {
  const folder = temporaryFolder();

  it('leaves out rows with an empty cell, and the warning about them', async () => {
    folder.write('a.csv', 'a,b\n1,2\n,3\n4,5\n');
    const { table, warnings } = await load('dropna', { d: source('csv', { path: 'a.csv' }) }, folder.path());
    assert.deepEqual(warnings, []);
    assert.equal(types(table), 'int int');
    assert.deepEqual(
      table.data.map(data => [...valuesOf(data)]),
      [
        [1, 4],
        [2, 5],
      ],
    );
    await fails(load('dropna', { d: 'iris' }, folder.path()), /dropna takes the name of a table/);
  });
});

describe('damaged files', () => {
  const folder = temporaryFolder();
  const cases: [kind: string, file: string][] = [
    ['npy', 'f4lec.npy'],
    ['npy', 'cube_fortran.npy'],
    ['npz', 'arrays.npz'],
    ['npz', 'packed.npz'],
    ['parquet', 'snappy.parquet'],
    ['parquet', 'gzip.parquet'],
    ['parquet', 'nested.parquet'],
    ['idx', 'images.idx3-ubyte'],
    ['idx', 'test-images.idx3-ubyte.gz'],
  ];
  for (const [kind, name] of cases) {
    it(`are a DataError or a table: ${kind} ${name}`, async () => {
      const bytes = readFileSync(join(golden, name));
      for (let turn = 0; turn < 300; turn++) {
        const damaged = Buffer.from(bytes);
        const random = (n: number): number => Math.abs(Math.imul(turn + 1, 2654435761) ^ (n * 40503)) >>> 0;
        if (turn % 3 > 0) {
          for (let i = 0; i <= turn % 4; i++) {
            damaged[random(i) % bytes.length] = random(i + 9) & 255;
          }
        }
        const content = turn % 3 < 2 ? damaged : damaged.subarray(0, random(5) % damaged.length);
        folder.write(`d${name}`, turn === 0 ? bytes.subarray(0, 20) : content);
        const args: Record<string, SourceArgument> =
          kind === 'idx'
            ? { images: `d${name}`, labels: join(golden, 'labels.idx1-ubyte') }
            : { path: `d${name}` };
        try {
          const { table } = await load(kind, args, folder.path());
          table.data.forEach((data, i) => {
            const cell = (table.columns[i]!.inner ?? []).reduce((a, b) => a * b, 1);
            assert.equal(data.length, table.rows * cell);
            assert.ok(!isStored(data));
          });
        } catch (error) {
          assert.ok(error instanceof DataError, `turn ${turn}: ${(error as Error).stack}`);
        }
      }
    });
  }
});
