import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { listFiles, PackageManager } from '@vscode/vsce';

const root = path.resolve(__dirname, '../..');

/** Everything that may lie in the package, and nothing else. */
const expected = [
  /^(package(\.nls)?\.json|README\.md|CHANGELOG\.md|LICENSE)$/,
  /^dist\/(extension|engineWorker|shareWorker|cli)\.js$/,
  /^dist\/kernels\.wasm$/,
  /^dist\/bin\/nabla(\.cmd)?$/,
  /^dist\/webview\/[\w-]+\.(js|css)$/,
  /^media\/(walkthrough\/)?[\w.-]+\.(svg|png|json|md)$/,
  /^examples\/((course\/)?[\w-]+\.nabla|README\.md|data\/[\w.-]+\.(csv|csv\.gz|md))$/,
];

describe('package', () => {
  it('holds only what runs', async function () {
    this.timeout(60_000); // it looks at every file there is
    const files = await listFiles({ cwd: root, packageManager: PackageManager.None });
    assert.deepEqual(
      files.map(slashes).filter(file => !expected.some(pattern => pattern.test(file))),
      [],
    );
    assert.ok(files.includes('package.json'));
    const packed = new Set(files.map(slashes));
    assert.ok(packed.has('dist/kernels.wasm'));
    const examples = fs.readdirSync(path.join(root, 'examples'), { recursive: true, encoding: 'utf8' });
    // The same data in other formats is there for the pages in docs, which are read beside the repository.
    const wanted = examples
      .map(file => `examples/${slashes(file)}`)
      .filter(file => /\.\w+$/.test(file) && !file.startsWith('examples/data/formats/'));
    assert.deepEqual(
      wanted.filter(file => !packed.has(file)),
      [],
      'the course and its data come along',
    );
  });
});

describe('ONNX Runtime in the package for a platform', () => {
  let folder: string;
  let stageLibrary: (target: string, folder: string) => boolean;

  before(async function () {
    if (!fs.existsSync(path.join(root, 'node_modules', 'onnxruntime-node'))) this.skip();
    const script = pathToFileURL(path.join(root, 'package.mjs')).href;
    ({ stageLibrary } = (await import(script)) as { stageLibrary: typeof stageLibrary });
  });

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(tmpdir(), 'nabla-package-'));
  });

  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('is its own library and the few scripts that load it', () => {
    const allowed = [
      /^onnxruntime-(node|common)\/(package\.json|LICENSE)$/,
      /^onnxruntime-node\/dist\/binding\.js$/,
      /^onnxruntime-node\/bin\/napi-v6\/linux\/arm64\/(libonnxruntime\.so\.1|onnxruntime_binding\.node)$/,
      /^onnxruntime-common\/dist\/cjs\/([\w-]+\.js|package\.json)$/,
    ];
    assert.ok(stageLibrary('linux-arm64', folder));
    const files = fs
      .readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => slashes(path.relative(folder, path.join(entry.parentPath, entry.name))));
    assert.deepEqual(
      files.filter(file => !allowed.some(pattern => pattern.test(file))),
      [],
    );
    for (const pattern of allowed)
      assert.ok(
        files.some(file => pattern.test(file)),
        `${pattern}`,
      );
  });

  it('loads from beside the bundles', function () {
    const modules = path.join(folder, 'dist', 'node_modules');
    if (!stageLibrary(`${process.platform}-${process.arch}`, modules)) this.skip();
    const load = createRequire(path.join(folder, 'dist', 'cli.js'));
    assert.ok(load.resolve('onnxruntime-node/dist/binding.js').startsWith(fs.realpathSync(modules)));
    const asked = `const load = require('node:module').createRequire(${JSON.stringify(path.join(folder, 'dist', 'cli.js'))});
const { binding, initOrt } = load('onnxruntime-node/dist/binding.js');
initOrt();
console.log(typeof binding.InferenceSession);`;
    assert.equal(execFileSync(process.execPath, ['-e', asked], { encoding: 'utf8' }).trim(), 'function');
  });

  it('is left out where there is none', () => {
    assert.equal(stageLibrary('alpine-x64', folder), false);
    assert.deepEqual(fs.readdirSync(folder), []);
  });
});

describe('lock files', () => {
  for (const file of ['package-lock.json', ...unitLocks()]) {
    const text = fs.readFileSync(path.join(root, file), 'utf8');

    it(`${slashes(file)} names no registry`, () => {
      assert.doesNotMatch(text, /"resolved"|registry\./);
    });

    // npm leaves out what is for other platforms when the registry at hand lacks it, and `npm ci` then fails
    it(`${slashes(file)} has all that it mentions`, () => {
      const { packages } = JSON.parse(text) as { packages: Record<string, LockedPackage> };
      const names = new Set(Object.keys(packages).map(place => place.replace(/^.*node_modules\//, '')));
      const mentioned = Object.values(packages).flatMap(({ dependencies, optionalDependencies }) =>
        Object.keys({ ...dependencies, ...optionalDependencies }),
      );
      assert.deepEqual(
        mentioned.filter(name => !names.has(name)),
        [],
      );
    });
  }
});

interface LockedPackage {
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

function unitLocks(): string[] {
  const units = path.join('test', 'vscode', 'host', 'units');
  return fs.readdirSync(path.join(root, units)).map(unit => path.join(units, unit, 'package-lock.json'));
}

function slashes(file: string): string {
  return file.replaceAll('\\', '/');
}
