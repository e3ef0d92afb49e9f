/**
 * Small Parquet files in test/golden/data, made by hyparquet-writer: every compression of the library, two groups of
 * rows, nulls, and lists.
 *
 * Run: node --import tsx test/golden/generate_parquet.ts
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';

const folder = join(__dirname, 'data');
const rows = 7;
const range = Array.from({ length: rows }, (_, i) => i);

const columnData = [
  { name: 'x', data: range.map(i => i / 4), type: 'DOUBLE' as const },
  { name: 'f', data: range.map(i => Math.fround(i / 3)), type: 'FLOAT' as const },
  { name: 'n', data: range.map(i => 100 * i - 300), type: 'INT32' as const },
  { name: 'big', data: range.map(i => BigInt(i) * 2n ** 33n), type: 'INT64' as const },
  { name: 'yes', data: range.map(i => i % 2 === 0), type: 'BOOLEAN' as const },
  { name: 'kind', data: range.map(i => ['dog', 'cat', 'ant'][i % 3]!), type: 'STRING' as const },
  { name: 'gap', data: range.map(i => (i === 2 ? null : i)), type: 'INT32' as const, nullable: true },
];

const write = (name: string, options: Parameters<typeof parquetWriteBuffer>[0]): void =>
  writeFileSync(join(folder, name), new Uint8Array(parquetWriteBuffer(options)));

write('snappy.parquet', { columnData, rowGroupSize: 4 });
write('plain.parquet', { columnData, codec: 'UNCOMPRESSED', rowGroupSize: 100 });
write('gzip.parquet', { columnData, codec: 'GZIP', compressors: { GZIP: bytes => gzipSync(bytes) } });
write('dates.parquet', {
  columnData: [{ name: 'when', data: [new Date(0), new Date(1000)], type: 'TIMESTAMP' as const }],
});
write('nested.parquet', {
  columnData: [
    {
      name: 'v',
      data: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    },
  ],
  schema: [
    { name: 'root', num_children: 1 },
    { name: 'v', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type: 'INT32', repetition_type: 'OPTIONAL' },
  ],
});
