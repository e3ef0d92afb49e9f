import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { kernelLibrary, missingKernels } from '../../../src/runtime/webassembly/library';

const root = path.resolve(__dirname, '../../..');
const kernels = path.join(root, 'dist/kernels.wasm');

describe('kernel library', () => {
  let folder: string;

  before(() => {
    folder = fs.mkdtempSync(path.join(tmpdir(), 'nabla-kernels-'));
  });

  after(() => fs.rmSync(folder, { recursive: true }));

  /** The loader as a bundle of its own in `folder/name`, with this file beside it. */
  function bundled(
    name: string,
    file?: Buffer,
  ): { kernelLibrary: () => unknown; missingKernels: () => unknown } {
    const outfile = path.join(folder, name, 'bundle.js');
    buildSync({
      entryPoints: [path.join(root, 'src/runtime/webassembly/library.ts')],
      ...{ bundle: true, platform: 'node', format: 'cjs', outfile },
    });
    if (file) fs.writeFileSync(path.join(folder, name, 'kernels.wasm'), file);
    return createRequire(__filename)(outfile);
  }

  it('is found from the sources and beside a bundle', () => {
    assert.ok(kernelLibrary() instanceof WebAssembly.Module);
    assert.equal(missingKernels(), undefined);
    const beside = bundled('beside', fs.readFileSync(kernels));
    assert.ok(beside.kernelLibrary() instanceof WebAssembly.Module);
    assert.equal(beside.missingKernels(), undefined);
  });

  it('is done without where it is missing or broken, and says why', () => {
    const alone = bundled('alone');
    assert.equal(alone.kernelLibrary(), undefined);
    assert.match(String(alone.missingKernels()), /kernels\.wasm.*npm run build.*JavaScript/);
    const broken = bundled('broken', fs.readFileSync(kernels).subarray(0, 500));
    assert.equal(broken.kernelLibrary(), undefined);
    assert.match(String(broken.missingKernels()), /kernels\.wasm cannot be read \(.*JavaScript/);
  });

  it('needs a memory and nothing else', () => {
    assert.deepEqual(WebAssembly.Module.imports(kernelLibrary()!), [
      { module: 'env', name: 'memory', kind: 'memory' },
    ]);
  });
});
