import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Column, isStored } from '../../../src/data/column';
import { DataError } from '../../../src/data/error';
import type { Loaded } from '../../../src/data/loaded';
import { writePicture } from '../../../src/data/picture';
import { loadSource, type SourceArgument } from '../../../src/data/source';
import { columnsToTensor } from '../../../src/data/table';
import { temporaryFolder, valuesOf } from './folder';

const golden = join(__dirname, '../../golden/data');
const load = (folder: string, args: Record<string, SourceArgument> = {}, base = golden): Promise<Loaded> =>
  loadSource({ kind: 'images', arguments: { folder, ...args } }, base);
const pixels = (column: Column | undefined, row: number): number[] => {
  assert.ok(column && isStored(column));
  const values = new Float64Array(3 * 4 * 6);
  column.readRow(row, values, 0);
  return [...values];
};
const fails = (reading: Promise<unknown>, pattern: RegExp): Promise<void> =>
  assert.rejects(reading, (error: Error) => {
    assert.ok(error instanceof DataError, String(error));
    assert.match(error.message, pattern);
    return true;
  });

/** The picture red.png: red but for one pixel. */
const red = [0, 1, 2].flatMap(channel =>
  Array.from({ length: 24 }, (_, i) => (i === 1 ? channel + 1 : channel === 0 ? 200 : 0)),
);
const grey = Array.from({ length: 24 }, (_, i) => 10 * i);

describe('images', () => {
  const folder = temporaryFolder();
  beforeEach(() => {
    rmSync(join(folder.path(), 'p'), { recursive: true, force: true });
    cpSync(join(golden, 'pictures'), join(folder.path(), 'p'), { recursive: true });
  });

  it('have a cell of channels, height and width, and a class per subfolder', async () => {
    const { table, warnings } = await load('pictures');
    assert.deepEqual(warnings, []);
    assert.deepEqual(table.columns, [
      { name: 'image', dtype: 'int', inner: [3, 4, 6] },
      { name: 'label', dtype: 'int', classes: ['cat', 'dog'] },
    ]);
    assert.deepEqual([...valuesOf(table.data[1])], [0, 0, 1, 1, 1, 1]);
    // In the order of names: cat/grey, cat/red, dog/alpha, dog/deep, dog/flat, dog/palette.
    assert.deepEqual(pixels(table.data[0], 0), [...grey, ...grey, ...grey]);
    assert.deepEqual(pixels(table.data[0], 1), red);
    assert.deepEqual(pixels(table.data[0], 2), red);
    assert.deepEqual(pixels(table.data[0], 3), [...grey, ...grey, ...grey]);
    const flat = pixels(table.data[0], 4);
    [10, 200, 90].forEach((value, channel) => {
      for (const found of flat.slice(24 * channel, 24 * (channel + 1)))
        assert.ok(Math.abs(found - value) <= 2);
    });
    assert.ok(Math.abs(pixels(table.data[0], 5)[0]! - 200) < 30);
  });

  it('have one channel when all are grey', async () => {
    const { table } = await load('grey', { test: 'grey' });
    assert.deepEqual([table.rows, table.testRows], [6, 3]);
    assert.deepEqual(table.columns[0]!.inner, [1, 4, 6]);
    const tensor = columnsToTensor(table, [0], { dtype: 'float', single: true, rows: Int32Array.of(3, 2) });
    assert.deepEqual(tensor.shape, [2, 1, 4, 6]);
    assert.deepEqual([...tensor.data.slice(0, 24)], grey);
    for (const value of tensor.data.slice(24)) assert.ok(Math.abs(value - 77) <= 2);
  });

  it('say what is wrong with a folder', async () => {
    const wrong = (pattern: RegExp): Promise<void> => fails(load('p', {}, folder.path()), pattern);
    await fails(load('nowhere', {}, folder.path()), /"nowhere" .*does not exist/);
    folder.write('file', 'x');
    await fails(load('file', {}, folder.path()), /is not a folder/);
    mkdirSync(join(folder.path(), 'none'), { recursive: true });
    await fails(load('none', {}, folder.path()), /has no subfolders. Make one per class/);
    folder.write('p/cat/notes.txt', 'x');
    assert.match(
      (await load('p', {}, folder.path())).warnings.join(),
      /1 files are no PNG or JPEG .* "notes.txt"/,
    );
    mkdirSync(join(folder.path(), 'p/empty'));
    await wrong(/The subfolder "p\/empty" has no PNG or JPEG pictures/);
    rmSync(join(folder.path(), 'p/empty'), { recursive: true });
    folder.write('p/cat/broken.png', 'no picture');
    await wrong(/"p\/cat\/broken.png" is no PNG or JPEG picture/);
    folder.write('p/cat/broken.png', '');
    await wrong(/is no PNG or JPEG picture/);
    const other = readFileSync(join(golden, 'pictures/cat/red.png'));
    other.writeUInt32BE(7, 16);
    folder.write('p/cat/broken.png', other);
    await wrong(/"p\/cat\/grey.png" is 6 x 4, but "p\/cat\/broken.png" is 7 x 4. All pictures/);
  });

  it('say which picture cannot be decoded any more', async () => {
    const { table } = await load('p', {}, folder.path());
    folder.write('p/cat/red.png', readFileSync(join(golden, 'pictures/cat/red.png')).subarray(0, 50));
    assert.throws(() => pixels(table.data[0], 1), /The picture ".*red.png" cannot be read/);
    copyFileSync(join(golden, 'pictures/dog/flat.jpg'), join(folder.path(), 'p/cat/red.png'));
    assert.ok(Math.abs(pixels(table.data[0], 1)[30]! - 200) <= 2);
  });

  for (const name of ['cat/red.png', 'dog/palette.png', 'dog/deep.png', 'dog/flat.jpg']) {
    it(`survives damage: ${name}`, () => {
      const bytes = readFileSync(join(golden, 'pictures', name));
      const to = new Float64Array(72);
      for (let turn = 0; turn < 300; turn++) {
        const damaged = Buffer.from(bytes);
        for (let i = 0; i <= turn % 4; i++)
          damaged[(turn * 7919 + i * 104729) % damaged.length] = (turn * 31 + i) & 255;
        const content = turn % 3 ? damaged : damaged.subarray(0, (turn * 7919) % damaged.length);
        try {
          writePicture(content, 3, { width: 6, height: 4 }, to, 0);
        } catch (error) {
          assert.ok(error instanceof Error);
        }
      }
    });
  }
});
