import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Column, type ColumnData, isStored } from '../../../src/data/column';

/** A folder that lives as long as the surrounding `describe`; `write` gives the path of the file it wrote. */
export function temporaryFolder(): {
  path: () => string;
  write: (name: string, content: string | Uint8Array) => string;
} {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'nabla-data-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    path: () => folder,
    write(name, content) {
      const file = join(folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
  };
}

/** The values of a column that is in memory. */
export function valuesOf(column: Column | undefined): ColumnData {
  assert.ok(column && !isStored(column));
  return column;
}
