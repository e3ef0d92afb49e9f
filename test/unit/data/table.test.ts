import assert from 'node:assert/strict';
import fc from 'fast-check';
import { narrow } from '../../../src/data/column';
import { DataError } from '../../../src/data/error';
import { columnIndex, columnsToTensor, dropna, type Table } from '../../../src/data/table';

const NAN = Number.NaN;

describe('columns', () => {
  it('keep the narrowest type that is exact', () => {
    const type = (...values: number[]): string => narrow(values).constructor.name;
    assert.equal(type(0, 255), 'Uint8Array');
    assert.equal(type(0, 256), 'Int16Array');
    assert.equal(type(-1), 'Int16Array');
    assert.equal(type(40_000, -40_000), 'Int32Array');
    assert.equal(type(0.5, NAN, -0), 'Float32Array');
    assert.equal(type(0.1), 'Float64Array');
    assert.equal(type(2 ** 24 + 1, 0.5), 'Float64Array');
    assert.equal(type(0.5, 2 ** 24 + 1), 'Float64Array');
    assert.equal(type(2 ** 40), 'Float32Array');
  });

  it('hold every number bit for bit', () => {
    const number = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.float(),
      fc.constantFrom(0, -0, 2 ** 24, 2 ** 24 + 1),
    );
    fc.assert(fc.property(fc.array(number), values => assert.deepEqual([...narrow(values, 1)], values)));
  });
});

const table: Table = {
  rows: 4,
  testRows: 2,
  columns: [
    { name: 'a', dtype: 'int' },
    { name: 'b', dtype: 'float', missing: 1, natural: 'bool' },
    { name: 'petal_length', dtype: 'float' },
    { name: 'a', dtype: 'float' },
  ],
  data: [
    Uint8Array.of(1, 2, 3, 4),
    Float32Array.of(0, 1, NAN, 1),
    Float64Array.of(0.1, 2, 3, 4),
    Float64Array.of(9e9, 0, 0, 0),
  ],
};

describe('table', () => {
  it('finds columns by name, and helps when it does not', () => {
    assert.equal(columnIndex(table, 'b'), 1);
    const message = (name: string): string => {
      try {
        columnIndex(table, name);
      } catch (error) {
        assert.ok(error instanceof DataError && error.code === 'name-unknown');
        return error.message;
      }
      return assert.fail('was found');
    };
    assert.equal(message('petal_lenght'), 'There is no column "petal_lenght". Did you mean "petal_length"?');
    assert.match(message('colour'), /The columns are "a", "b", "petal_length", "a"/);
    assert.match(message('a'), /Columns 0 and 3 are both called "a".*d\[:, 0\]/);
  });

  it('gives columns as a tensor, all rows or some', () => {
    assert.deepEqual(columnsToTensor(table, [2, 0], { dtype: 'float', single: false }), {
      dtype: 'float',
      shape: [4, 2],
      data: Float64Array.of(0.1, 1, 2, 2, 3, 3, 4, 4),
    });
    assert.deepEqual(
      columnsToTensor(table, [0], { dtype: 'int', single: true, rows: Int32Array.of(3, 0, 3) }),
      {
        dtype: 'int',
        shape: [3],
        data: Int32Array.of(4, 1, 4),
      },
    );
    const rows = Int32Array.of(1, 0);
    assert.deepEqual(columnsToTensor(table, [1], { dtype: 'bool', single: false, rows }), {
      dtype: 'bool',
      shape: [2, 1],
      data: Uint8Array.of(1, 0),
    });
  });

  it('refuses values that do not fit, naming column and row', () => {
    const take = (column: number, dtype: 'int' | 'bool') => () =>
      columnsToTensor(table, [column], { dtype, single: true });
    assert.throws(take(1, 'int'), /Column "b", row 3 is empty, and int has no NaN.*dropna/);
    assert.throws(take(2, 'int'), /Column "petal_length", row 1 is 0.1, and an int has no fraction/);
    assert.throws(take(3, 'int'), /is 9000000000, beyond the 32 bits/);
    assert.throws(take(0, 'bool'), /Column "a", row 2 is 2, and a bool is 0 or 1/);
  });

  it('drops rows with a NaN, and gives columns back their type', () => {
    const { columns, data, rows, testRows } = dropna(table);
    assert.deepEqual([rows, testRows], [3, 1]);
    assert.deepEqual(columns[1], { name: 'b', dtype: 'bool' });
    assert.deepEqual(data[0], Uint8Array.of(1, 2, 4));
    assert.deepEqual(data[1], Uint8Array.of(0, 1, 1));
    const whole: Table = { rows: 1, columns: [{ name: 'a', dtype: 'int' }], data: [Uint8Array.of(1)] };
    assert.equal(dropna(whole), whole);
    const none: Table = { rows: 1, columns: [{ name: 'a', dtype: 'float' }], data: [Float32Array.of(NAN)] };
    assert.throws(() => dropna(none), /dropna leaves no row/);
  });
});
