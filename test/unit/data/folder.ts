import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
      writeFileSync(file, content);
      return file;
    },
  };
}
