// Makes the package:  node package.mjs [--target linux-x64]
// Without a target it fits every platform; with one, ONNX Runtime for that platform lies in it.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';

const root = path.dirname(fileURLToPath(import.meta.url));

/** Beside the bundles, where they look for modules first; git and the linter pass over it. */
const staged = path.join(root, 'dist', 'node_modules');

const license = `MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.

Third parties whose software is part of it:
https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt
`;

/**
 * Copies what a platform needs to run ONNX Runtime into `folder`, as a `node_modules` folder: the two libraries and the
 * few scripts that load them. False, and nothing copied, where there is no library for the platform.
 * @param {string} target as vsce names it: `linux-x64`
 * @param {string} folder
 */
export function stageLibrary(target, folder) {
  const [platform, architecture] = target.split('-');
  const node = packageFolder('onnxruntime-node');
  const common = packageFolder('onnxruntime-common', node);
  const native = path.join('bin', 'napi-v6', platform, architecture ?? '');
  if (!fs.existsSync(path.join(node, native))) return false;
  const scripts = path.join('dist', 'cjs');
  const copies = [
    [node, 'package.json'],
    [node, path.join('dist', 'binding.js')],
    // macOS has the library twice, under its version and under the name that it is loaded by.
    ...list(node, native, name => !/\.\d+\.\d+\.\d+\.dylib$/.test(name)),
    [common, 'package.json'],
    ...list(common, scripts, name => /\.js$|^package\.json$/.test(name)),
  ];
  for (const [from, file] of copies) {
    const to = path.join(folder, path.basename(from), file);
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.copyFileSync(path.join(from, file), to);
  }
  for (const each of [node, common])
    fs.writeFileSync(path.join(folder, path.basename(each), 'LICENSE'), license);
  return true;
}

/**
 * @param {string} from
 * @param {string} folder
 * @param {(name: string) => boolean} wanted
 */
function list(from, folder, wanted) {
  return fs
    .readdirSync(path.join(from, folder))
    .filter(wanted)
    .map(name => [from, path.join(folder, name)]);
}

/**
 * Where an installed package lies, as seen from a folder.
 * @param {string} name
 */
function packageFolder(name, from = root) {
  const places = createRequire(path.join(from, 'x.js')).resolve.paths(name) ?? [];
  const found = places.map(place => path.join(place, name)).find(place => fs.existsSync(place));
  if (!found) throw new Error(`${name} is not installed`);
  return found;
}

async function main() {
  const { values } = parseArgs({ options: { target: { type: 'string' } } });
  const { target } = values;
  fs.rmSync(staged, { recursive: true, force: true });
  if (target && !stageLibrary(target, staged)) console.log(`There is no ONNX Runtime for ${target}.`);
  try {
    await createVSIX({
      cwd: root,
      packagePath: path.join(root, target ? `nabla-${target}.vsix` : 'nabla.vsix'),
      ...(target ? { target } : {}),
      dependencies: false,
      allowMissingRepository: true,
      rewriteRelativeLinks: false,
    });
  } finally {
    // The bundles here find the installed package.
    fs.rmSync(staged, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
