import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../../src/training/makeFolder';

describe('the folder of a run', () => {
  const root = mkdtempSync(join(tmpdir(), 'nabla-folder-'));
  after(() => rmSync(root, { recursive: true, force: true }));

  it('is made with those around it, and may be there already', async () => {
    const path = join(root, 'a', 'b', 'c');
    await makeFolder(path);
    await makeFolder(path);
    const [one, other] = [join(root, 'd', 'e', 'one'), join(root, 'd', 'e', 'other')];
    await Promise.all([one, other, one].map(makeFolder));
    assert.ok(statSync(one).isDirectory() && statSync(other).isDirectory());
    assert.ok(statSync(path).isDirectory());
  });

  it('is an error where a file has its place, or the place around it', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    await assert.rejects(makeFolder(file), /EEXIST/);
    await assert.rejects(makeFolder(join(file, 'inside')), /ENOTDIR|ENOENT/);
  });

  it('is an error where a file system takes no folders', async function () {
    if (!existsSync('/proc/self')) this.skip();
    await assert.rejects(makeFolder('/proc/nabla/run'), /ENOENT|EACCES|EPERM/);
  });
});
