// Builds dist/kernels.wasm, unless it is newer than everything that it is made of:  node src/kernels/build.mjs
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(folder, '../..');
const library = path.join(root, 'dist/kernels.wasm');

const options = [
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--noAssert', '--enable', 'simd'],
  // No heap and no memory of its own: it works on the memory of whoever calls it.
  ...['--runtime', 'stub', '--importMemory', '--noExportMemory'],
  // JavaScript cannot hand over 128 bits; only other modules call these.
  ...['--disableWarning', '112'],
];

/** Every file here is part of the library with all that it exports; `parts` holds what they share. */
export async function buildKernels() {
  if (isCurrent()) return;
  const entries = fs.readdirSync(folder).filter(file => file.endsWith('.ts'));
  const { default: asc } = await import('assemblyscript/asc');
  const { error, stderr } = await asc.main(
    [...entries, '--baseDir', folder, '--outFile', path.relative(folder, library), ...options],
    {},
  );
  if (error) throw new Error(`${stderr}${error.message}`);
  console.log(`dist/kernels.wasm ${fs.statSync(library).size} bytes`);
}

function isCurrent() {
  if (!fs.existsSync(library)) return false;
  const built = fs.statSync(library).mtimeMs;
  const sources = fs.readdirSync(folder, { recursive: true }).map(file => path.join(folder, String(file)));
  // The folders too: their times tell of files that are gone.
  const all = [folder, ...sources, path.join(root, 'node_modules/assemblyscript/package.json')];
  return all.every(file => fs.statSync(file).mtimeMs < built);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildKernels();
