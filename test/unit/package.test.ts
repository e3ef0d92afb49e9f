import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { listFiles, PackageManager } from '@vscode/vsce';

const root = path.resolve(__dirname, '../..');

/** Everything that may lie in the package, and nothing else. */
const expected = [
  /^(package(\.nls)?\.json|README\.md|CHANGELOG\.md|LICENSE)$/,
  /^dist\/(extension|engineWorker|cli)\.js$/,
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
    const examples = fs.readdirSync(path.join(root, 'examples'), { recursive: true, encoding: 'utf8' });
    const wanted = examples.map(file => `examples/${slashes(file)}`).filter(file => /\.\w+$/.test(file));
    assert.deepEqual(
      wanted.filter(file => !packed.has(file)),
      [],
      'the course and its data come along',
    );
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
