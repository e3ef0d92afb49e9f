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
  /** @type {Uint8Array | undefined} */
  let bytes;
  const { error, stderr } = await asc.main(
    [...entries, '--baseDir', folder, '--outFile', 'kernels.wasm', ...options],
    { writeFile: (_, contents) => void (bytes = contents) },
  );
  if (error) throw new Error(`${stderr}${error.message}`);
  // At once, since somebody may be reading the one before.
  const draft = `${library}.${process.pid}`;
  fs.mkdirSync(path.dirname(library), { recursive: true });
  fs.writeFileSync(draft, bytes);
  fs.renameSync(draft, library);
  console.log(`${'dist/kernels.wasm'.padEnd(32)} ${(bytes.length / 1024).toFixed(1).padStart(8)} KB`);
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
