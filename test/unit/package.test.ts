import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { listFiles, PackageManager } from '@vscode/vsce';

const root = path.resolve(__dirname, '../..');

/** Everything that may lie in the package, and nothing else. */
const expected = [
  /^(package(\.nls)?\.json|README\.md|CHANGELOG\.md|LICENSE)$/,
  /^dist\/(extension|engineWorker|cli)\.js$/,
  /^dist\/webview\/[\w-]+\.(js|css)$/,
  /^media\/(?!screenshots\/).+\.(svg|png|json|md)$/,
  /^examples\/.+\.(nabla|csv|csv\.gz|md)$/,
];

describe('package', () => {
  it('holds only what runs', async () => {
    const files = await listFiles({ cwd: root, packageManager: PackageManager.None });
    assert.deepEqual(
      files.map(slashes).filter(file => !expected.some(pattern => pattern.test(file))),
      [],
    );
    assert.ok(files.includes('package.json'));
  });
});

describe('lock files', () => {
  for (const file of ['package-lock.json', ...unitLocks()]) {
    it(`${slashes(file)} names no registry`, () => {
      assert.doesNotMatch(fs.readFileSync(path.join(root, file), 'utf8'), /"resolved"|registry\./);
    });
  }
});

function unitLocks(): string[] {
  const units = path.join('test', 'vscode', 'host', 'units');
  return fs.readdirSync(path.join(root, units)).map(unit => path.join(units, unit, 'package-lock.json'));
}

function slashes(file: string): string {
  return file.replaceAll('\\', '/');
}
