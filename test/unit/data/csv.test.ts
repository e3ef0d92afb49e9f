import assert from 'node:assert/strict';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type CsvOptions, readCsv } from '../../../src/data/csv';
import { DataError } from '../../../src/data/error';
import type { Loaded } from '../../../src/data/loaded';
import { temporaryFolder, valuesOf } from './folder';

const folder = temporaryFolder();
const read = (text: string | Uint8Array, options?: CsvOptions): Promise<Loaded> =>
  readCsv(folder.write('t.csv', text), options);
const names = ({ table }: Loaded): string[] => table.columns.map(column => column.name);
const types = ({ table }: Loaded): string => table.columns.map(column => column.dtype).join(' ');
const column = ({ table }: Loaded, i: number): number[] => [...valuesOf(table.data[i])];

/** The read fails with a `DataError` whose message contains every part. */
async function refused(text: string | Uint8Array, ...parts: string[]): Promise<DataError> {
  const error = await read(text).then(
    () => assert.fail('was read'),
    reason => reason,
  );
  assert.ok(error instanceof DataError, String(error));
  for (const part of parts) assert.ok(error.message.includes(part), `${error.message}\nlacks: ${part}`);
  return error;
}

describe('csv', () => {
  it('reads a header, numbers in their narrowest type, and a text column as classes', async () => {
    const loaded = await read('a,b,kind\n1,0.5,cat\n2,-3,dog\n300,0.1,ape\n');
    assert.deepEqual(names(loaded), ['a', 'b', 'kind']);
    assert.equal(types(loaded), 'int float int');
    assert.equal(loaded.table.rows, 3);
    assert.deepEqual(loaded.table.columns[2]!.classes, ['ape', 'cat', 'dog']);
    assert.deepEqual(loaded.table.data, [
      Int16Array.of(1, 2, 300),
      Float64Array.of(0.5, -3, 0.1),
      Uint8Array.of(1, 2, 0),
    ]);
    assert.deepEqual(loaded.warnings, []);
  });

  it('finds the delimiter', async () => {
    for (const delimiter of [',', ';', '\t', '|', ' ', '   ', ' \t ']) {
      const loaded = await read(['a b', '1 2', '3 4'].map(l => l.replace(' ', delimiter)).join('\n'));
      assert.deepEqual(names(loaded), ['a', 'b'], JSON.stringify(delimiter));
      assert.deepEqual(column(loaded, 1), [2, 4]);
    }
    assert.deepEqual(names(await read('  1.5   2\n 3  4 \n')), ['x0', 'x1']);
    assert.deepEqual(names(await read('city\nNew York\nLos Angeles\nNew York\n')), ['city']);
    assert.deepEqual(names(await read('v\n1\n2\n')), ['v']);
  });

  it('understands a decimal comma when cells are parted by semicolons', async () => {
    const loaded = await read('1,5;2,25\n-3,0;4\n');
    assert.equal(types(loaded), 'float float');
    assert.deepEqual(column(loaded, 0), [1.5, -3]);
    assert.deepEqual(column(loaded, 1), [2.25, 4]);
    assert.deepEqual(column(await read('a;b\n1.5;2,5\n'), 0), [1.5]);
  });

  it('finds out whether there is a header', async () => {
    assert.deepEqual(names(await read('1,2\n3,4\n')), ['x0', 'x1']);
    assert.deepEqual(names(await read('1,cat\n2,dog\n')), ['x0', 'x1']);
    assert.deepEqual(names(await read('size,kind\n2,dog\n')), ['size', 'kind']);
    assert.deepEqual(names(await read('name,kind\nRex,dog\nTom,cat\n')), ['name', 'kind']);
    assert.deepEqual(names(await read('dog,red\ncat,red\ndog,blue\n')), ['x0', 'x1']);
    assert.deepEqual(names(await read('dog,dog\ncat,ape\n')), ['x0', 'x1']);
    assert.deepEqual(names(await read(',a\n0,1\n1,2\n')), ['x0', 'a']);
    assert.deepEqual(names(await read('flag\ntrue\nfalse\n')), ['flag']);
    assert.deepEqual(names(await read('true\nfalse\nfalse\n')), ['x0']);
  });

  it('takes the header as told', async () => {
    assert.deepEqual(names(await read('1,2\n3,4\n', { header: true })), ['1', '2']);
    assert.equal((await read('a,b\nc,d\n', { header: false })).table.rows, 2);
    assert.deepEqual(names(await read('1,2\n3,4\n', { names: ['u', 'v'] })), ['u', 'v']);
    const renamed = await read('a,b\n3,4\n', { names: ['u', 'v'] });
    assert.deepEqual([names(renamed), renamed.table.rows], [['u', 'v'], 1]);
    await assert.rejects(read('1,2\n', { names: ['u'] }), /lists 1 name, but .* has 2 columns/);
    const odd = await read('150,4,setosa\n5.1,3.5,0\n');
    assert.match(odd.warnings[0]!, /first line is taken as the header, though it has numbers \(150, 4\)/);
  });

  it('tells int, float and bool apart by how they are written', async () => {
    const loaded = await read('a,b,c,d,e\n1,1.0,1e3,TRUE,5000000000\n+2,2,2,false,-0\n');
    assert.equal(types(loaded), 'int float float bool float');
    assert.deepEqual(column(loaded, 2), [1000, 2]);
    assert.deepEqual(column(loaded, 3), [1, 0]);
    assert.deepEqual(column(loaded, 4), [5e9, 0]);
    const special = await read('a\n1\nnan\n-inf\nInfinity\n');
    assert.deepEqual(column(special, 0), [1, Number.NaN, -Infinity, Infinity]);
  });

  it('reads empty cells as NaN and counts them in a warning', async () => {
    const loaded = await read('a,b,c,d\n1,,cat,true\n,0.5,,\n3, ,dog,false\n');
    assert.deepEqual(column(loaded, 0), [1, Number.NaN, 3]);
    assert.deepEqual(column(loaded, 2), [0, Number.NaN, 1]);
    assert.equal(types(loaded), 'float float float float');
    assert.deepEqual(
      loaded.table.columns.map(c => [c.missing, c.natural]),
      [
        [1, 'int'],
        [2, 'float'],
        [1, 'int'],
        [1, 'bool'],
      ],
    );
    assert.equal(loaded.warnings.length, 1);
    assert.match(loaded.warnings[0]!, /5 empty cells read as NaN \("a": 1, "b": 2, "c": 1, "d": 1\)/);
    const empty = await read('a,b\n1,\n2,\n');
    assert.deepEqual([types(empty), column(empty, 1)], ['int float', [Number.NaN, Number.NaN]]);
  });

  it('names the first stray word in a column of numbers', async () => {
    const error = await refused(
      'a,b\n1,2\n3,oops\n4,5\n6,bad\n7,8\n',
      'line 3: "oops" in column "b"',
      'leave the cell empty',
    );
    assert.deepEqual([error.code, error.line, error.column], ['data-format', 3, 'b']);
    await refused('a\n1\n2\nx\ny\n', 'line 4: "x"');
    const late = `a\n${'1\n'.repeat(500)}word\n`;
    await refused(late, 'line 502: "word"');
  });

  it('takes a column of mostly words as text, wherever the words begin', async () => {
    const loaded = await read('a,b\n1,01\n2,1\n3,x\n4,y\n5,y\n');
    assert.deepEqual(loaded.table.columns[1]!.classes, ['01', '1', 'x', 'y']);
    const late = `a\n${'007\n'.repeat(200)}${'word\n'.repeat(201)}`;
    assert.deepEqual((await read(late)).table.columns[0]!.classes, ['007', 'word']);
  });

  it('reads quoted cells, byte-order mark, every line end and blank lines', async () => {
    const quoted = await read('a,b\n"x, ""y""",1\n"two\nlines",2\n');
    assert.deepEqual(quoted.table.columns[0]!.classes, ['two\nlines', 'x, "y"']);
    for (const end of ['\n', '\r\n', '\r']) {
      const loaded = await read(`\ufeffa,b${end}1,2${end}${end}3,4${end}${end}`);
      assert.deepEqual(
        [names(loaded), column(loaded, 0)],
        [
          ['a', 'b'],
          [1, 3],
        ],
      );
    }
    await refused('a,b\r\n"1\r\n2",2\r\n3,4,5\r\n', 'line 4: 3 cells');
  });

  it('names the line of a ragged row, with both counts', async () => {
    const error = await refused('a,b\n1,2\n\n3\n', 'line 4: 1 cell, but the header has 2');
    assert.equal(error.line, 4);
    await refused('1,2\n1,2,3\n', 'line 2: 3 cells, but the first line has 2');
  });

  it('refuses what has no rows', async () => {
    await refused('', 'is empty');
    await refused(' \n\r\n', 'is empty');
    await refused('a,b\n', 'has a header and no rows');
    await refused(gzipSync(''), 'is empty');
  });

  it('refuses what is not UTF-8 text, naming the encoding', async () => {
    await refused(Buffer.from('a,b\n1,2\n', 'utf16le'), 'UTF-16 (little-endian)');
    await refused(Buffer.from('\ufeffa,b\n', 'utf16le'), 'UTF-16 (little-endian)');
    await refused(Buffer.from('a,b\n', 'utf16le').swap16(), 'UTF-16 (big-endian)');
    await refused('a,b\n1,2\n3\0,4\n', 'line 3: a NUL byte');
    await refused(Buffer.from('a,b\nné,2\n', 'latin1'), 'line 2: bytes that are not UTF-8');
    await refused(Buffer.from([97, 10, 0xc3]), 'not UTF-8');
  });

  it('refuses an open or stray quotation mark', async () => {
    await refused('a,b\n1,2\n"x,3\n4,5\n', 'line 3', 'not closed');
    await refused('a,b\n"x"y,3\n', 'line 2', 'stray quotation mark');
    await refused(`a,b\n1,"${'x\n'.repeat(10_000_000)}`, 'line 2', '16 million characters');
  }).timeout(30_000);

  it('unpacks gzip by its first bytes, and refuses a damaged one', async () => {
    const packed = gzipSync('a,b\n1,2\n3,4\n');
    assert.deepEqual(column(await read(packed), 1), [2, 4]);
    await refused(packed.subarray(0, packed.length - 9), 'damaged or incomplete .gz');
    await refused(Buffer.concat([packed.subarray(0, 12), Buffer.alloc(20, 7)]), 'damaged or incomplete .gz');
  });

  it('says which file is missing, and offers a near name', async () => {
    folder.write('iris.csv', 'a\n1\n');
    const missing = join(folder.path(), 'irs.csv');
    await assert.rejects(readCsv(missing, { given: './irs.csv' }), (error: DataError) => {
      assert.equal(error.code, 'data-file');
      assert.ok(
        error.message.includes(`"./irs.csv" (${missing}) does not exist. Did you mean "./iris.csv"?`),
        error.message,
      );
      return true;
    });
    await assert.rejects(readCsv(join(folder.path(), 'no', 'a.csv')), /folder .*no does not exist either/);
    await assert.rejects(readCsv(folder.path()), /is not a file/);
  });

  it('reports progress, and stops when it is told to', async () => {
    const file = folder.write('large.csv', `a,b\n${'1.5,2\n'.repeat(200_000)}`);
    const seen: number[] = [];
    const loaded = await readCsv(file, {
      onProgress: (done, total) => {
        assert.equal(total, 1_200_004);
        seen.push(done);
      },
    });
    assert.equal(loaded.table.rows, 200_000);
    assert.deepEqual(loaded.table.data[0]!.constructor, Float32Array);
    assert.ok(seen.length > 2 && seen.at(-1) === 1_200_004);

    const stop = new AbortController();
    const reading = readCsv(file, { signal: stop.signal, onProgress: () => stop.abort() });
    await assert.rejects(reading, { name: 'AbortError' });
    await assert.rejects(readCsv(file, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  });

  it('cuts cells the same wherever the pieces of a stream end', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => `${i},"é ${i % 7}, ""q"""\r\n`);
    const loaded = await read(`n,t\r\n${rows.join('')}`);
    assert.deepEqual(
      column(loaded, 0),
      rows.map((_, i) => i),
    );
    assert.equal(loaded.table.columns[1]!.classes!.length, 7);
  });

  it('reads any bytes, or says what is wrong with them', async () => {
    const csvish = fc.stringMatching(/^[a1.,;"\n\r \t|-]*$/).map(text => Buffer.from(text));
    const bytes = fc.uint8Array({ maxLength: 200 }).map(Buffer.from);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          csvish,
          bytes,
          csvish.map(text => gzipSync(text)),
        ),
        async content => {
          try {
            const { table } = await read(content);
            assert.ok(table.rows > 0);
            for (const [i, data] of table.data.entries()) {
              assert.equal(data.length, table.rows);
              assert.equal(valuesOf(data).some(Number.isNaN) && table.columns[i]!.dtype !== 'float', false);
            }
          } catch (error) {
            if (!(error instanceof DataError)) throw error;
            assert.ok(error.message.length < 600);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives back the numbers that were written', async () => {
    const number = fc.double({ noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(number, fc.integer()), { minLength: 1 }), async pairs => {
        const loaded = await read(`a,b\n${pairs.map(([a, b]) => `${a},${b}`).join('\n')}\n`);
        assert.deepEqual(
          column(loaded, 0).map(v => v + 0),
          pairs.map(([a]) => a + 0),
        );
        assert.deepEqual(
          column(loaded, 1),
          pairs.map(([, b]) => b),
        );
      }),
      { numRuns: 200 },
    );
  });
});
