import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A new folder in the system's place for temporary files, which goes when this process goes. */
export function makeScratchFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nabla-'));
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
