import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';

/**
 * Holds the headers of one column's pages in one group of rows against the description of the file. hyparquet trusts the
 * counts in them, and a damaged one would keep it busy for ever. Throws an `Error`.
 */
export async function checkPages(
  bytes: AsyncBuffer,
  metadata: FileMetaData,
  group: number,
  column: string,
): Promise<void> {
  for (const { meta_data: chunk } of metadata.row_groups[group]!.columns) {
    if (!chunk || chunk.path_in_schema[0] !== column) continue;
    const first = Number(chunk.dictionary_page_offset ?? 0n) || Number(chunk.data_page_offset);
    const start = Math.min(first, Number(chunk.data_page_offset));
    const view = new DataView(await bytes.slice(start, start + Number(chunk.total_compressed_size)));
    const reader = { view, offset: 0 };
    let left = Number(chunk.num_values);
    while (left > 0) {
      const header = parquetHeader(reader);
      const size = header.compressed_page_size;
      expect(isCount(size, view.byteLength - reader.offset));
      expect(isCount(header.uncompressed_page_size, 2 ** 31));
      const { data_page_header: one, data_page_header_v2: two, dictionary_page_header: dictionary } = header;
      if (dictionary) expect(isCount(dictionary.num_values, 8 * header.uncompressed_page_size));
      const values = one?.num_values ?? two?.num_values;
      if (values !== undefined) expect(isCount(values, left) && values > 0);
      if (two) {
        const levels = [two.definition_levels_byte_length, two.repetition_levels_byte_length];
        expect(levels.every(length => isCount(length, size)) && isCount(two.num_nulls, two.num_values));
        expect(isCount(two.num_rows, two.num_values));
      }
      reader.offset += size;
      left -= values ?? 0;
    }
  }
}

function isCount(value: unknown, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
}

function expect(holds: boolean): void {
  if (!holds) throw new Error('a page has impossible counts');
}
