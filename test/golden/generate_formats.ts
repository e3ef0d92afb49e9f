/**
 * The data sets of examples/data in the other formats that models read, in examples/data/formats: the same numbers, so
 * that the examples of docs/data.md can hold one file against another. What differs is said in SOURCES.md there.
 *
 * Run: node --import tsx test/golden/generate_formats.ts
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { encode as encodePng } from 'fast-png';
import { zipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { encode as encodeJpeg } from 'jpeg-js';

const data = resolve(__dirname, '../../examples/data');

function write(name: string, bytes: Uint8Array | string): void {
  const file = join(data, 'formats', name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}

/** The lines of a CSV file without quoted cells, after its header. */
function rowsOf(text: string): string[][] {
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map(line => line.split(','));
}

/** A NumPy array in version 1.0 of its format. */
function npy(descr: string, shape: readonly number[], array: Float32Array | Uint8Array): Uint8Array {
  const tuple = `${shape.join(', ')}${shape.length === 1 ? ',' : ''}`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  // The numbers begin at a multiple of 64 bytes; ten of them come before the text.
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const length = Buffer.from([padded.length & 255, padded.length >> 8]);
  const numbers = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(padded), numbers]);
}

const iris = rowsOf(readFileSync(join(data, 'iris.csv'), 'utf8')).map(cells => ({
  measures: cells.slice(0, 4).map(Number),
  species: cells[4]!,
}));
const measures = ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'];
const kinds = [...new Set(iris.map(flower => flower.species))].sort();

const columnData = [
  ...measures.map((name, i) => ({
    name,
    data: iris.map(flower => flower.measures[i]!),
    type: 'DOUBLE' as const,
  })),
  { name: 'species', data: iris.map(flower => flower.species), type: 'STRING' as const },
];
write('iris.parquet', new Uint8Array(parquetWriteBuffer({ columnData })));
write(
  'iris.jsonl',
  iris.map(({ measures, species }) => `${JSON.stringify({ measures, species })}\n`).join(''),
);

const x = npy('<f4', [iris.length, 4], Float32Array.from(iris.flatMap(flower => flower.measures)));
const y = npy(
  '|u1',
  [iris.length],
  Uint8Array.from(iris, flower => kinds.indexOf(flower.species)),
);
write('measures.npy', x);
// A fixed date, so that the same rows make the same bytes.
write('iris.npz', zipSync({ 'x.npy': x, 'y.npy': y }, { mtime: '2000-01-01T00:00:00' }));

const digits = rowsOf(gunzipSync(readFileSync(join(data, 'digits.csv.gz'))).toString()).map(cells => ({
  pixels: Uint8Array.from(cells.slice(0, 64), Number),
  digit: Number(cells[64]),
}));

/** MNIST's format: 0, 0, the type (8 for bytes), the number of axes, their sizes in big-endian order, the bytes. */
function idx(shape: readonly number[], bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(4 + 4 * shape.length);
  head.set([0, 0, 8, shape.length]);
  shape.forEach((size, axis) => {
    head.writeUInt32BE(size, 4 + 4 * axis);
  });
  return gzipSync(Buffer.concat([head, bytes]), { level: 9 });
}

function writeIdx(name: string, part: typeof digits): void {
  const images = Buffer.concat(part.map(({ pixels }) => pixels));
  write(`digits/${name}-images.idx3-ubyte.gz`, idx([part.length, 8, 8], images));
  write(
    `digits/${name}-labels.idx1-ubyte.gz`,
    idx(
      [part.length],
      Uint8Array.from(part, ({ digit }) => digit),
    ),
  );
}
writeIdx('train', digits.slice(0, 200));
writeIdx('test', digits.slice(200, 250));

/** Grey values from 0 to 240 in place of 0 to 16. */
const grey = (pixels: Uint8Array): Uint8Array => pixels.map(value => 15 * value);

/** A label and 32 x 32 pixels in red, green and blue: every pixel of the 8 x 8 is a square of 4 x 4. */
function cifarRecord({ pixels, digit }: (typeof digits)[number]): Uint8Array {
  const large = Uint8Array.from({ length: 1024 }, (_, i) => grey(pixels)[8 * (i >> 7) + ((i & 31) >> 2)]!);
  return Buffer.concat([Uint8Array.of(digit), large, large, large]);
}
const words = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
write('cifar10/batches.meta.txt', `${words.join('\n')}\n`);
for (let batch = 1; batch <= 6; batch++) {
  const name = batch === 6 ? 'test_batch.bin' : `data_batch_${batch}.bin`;
  write(`cifar10/${name}`, Buffer.concat(digits.slice(2 * batch - 2, 2 * batch).map(cifarRecord)));
}

// Every other picture of a class is a JPEG, whose colours are not exact.
for (const digit of [0, 1]) {
  const some = digits.filter(each => each.digit === digit).slice(0, 4);
  for (const [i, { pixels }] of some.entries()) {
    const place = `pictures/${words[digit]}/${i}`;
    if (i % 2 === 0) {
      write(`${place}.png`, encodePng({ width: 8, height: 8, data: grey(pixels), channels: 1 }));
    } else {
      const rgba = Buffer.from([...grey(pixels)].flatMap(value => [value, value, value, 255]));
      write(`${place}.jpg`, encodeJpeg({ width: 8, height: 8, data: rgba }, 95).data);
    }
  }
}
