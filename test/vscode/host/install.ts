import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isAlive, withFileLock } from './fileLock';
import { runNpm } from './nestedNpm';
import { cacheDir, projectRoot } from './paths';

/** Raised whenever a `prepare` step changes, so that folders prepared by an older one are not used. */
const recipe = 2;

/**
 * Installs `units/<name>` from npm on first use and returns its folder. `prepare` runs in a temporary
 * folder, which is renamed when complete: a folder that exists is always whole.
 */
export async function installUnit(
  name: string,
  prepare: (folder: string) => void | Promise<void>,
): Promise<string> {
  const source = path.join(projectRoot, 'test/vscode/host/units', name);
  const folder = path.join(cacheDir, `npm-${name}-${fingerprint(path.join(source, 'package-lock.json'))}`);
  if (fs.existsSync(folder)) return folder;
  return withFileLock(folder, async () => {
    if (fs.existsSync(folder)) return folder;
    const begin = Date.now();
    console.error(`installing ${name} from npm (once)...`);
    removeAbandoned(folder);
    const draft = `${folder}.tmp-${process.pid}`;
    try {
      fs.mkdirSync(draft, { recursive: true });
      for (const file of ['package.json', 'package-lock.json']) {
        fs.copyFileSync(path.join(source, file), path.join(draft, file));
      }
      await runNpm(
        ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', '--loglevel=error'],
        draft,
      );
      await prepare(draft);
      fs.renameSync(draft, folder);
    } finally {
      fs.rmSync(draft, { recursive: true, force: true });
    }
    console.error(`installed ${name} in ${((Date.now() - begin) / 1000).toFixed(0)} s`);
    return folder;
  });
}

function fingerprint(lockFile: string): string {
  return createHash('sha256')
    .update(fs.readFileSync(lockFile))
    .update(`${process.platform}-${process.arch}-${recipe}`)
    .digest('hex')
    .slice(0, 10);
}

function removeAbandoned(folder: string): void {
  const prefix = `${path.basename(folder)}.tmp-`;
  for (const entry of fs.readdirSync(cacheDir)) {
    if (entry.startsWith(prefix) && !isAlive(Number(entry.slice(prefix.length)))) {
      fs.rmSync(path.join(cacheDir, entry), { recursive: true, force: true });
    }
  }
}
