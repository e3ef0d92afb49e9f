import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const staleAfter = 20 * 60_000;

/** Runs `work` while holding `<target>.lock`. A lock whose owner is dead, or that is very old, is broken. */
export async function withFileLock<T>(target: string, work: () => Promise<T>): Promise<T> {
  const lock = `${target}.lock`;
  fs.mkdirSync(path.dirname(lock), { recursive: true });
  let announced = false;
  while (!tryAcquire(lock)) {
    const owner = readOwner(lock);
    if (!owner || !isAlive(owner.pid) || owner.age > staleAfter) {
      fs.rmSync(lock, { force: true });
      continue;
    }
    if (!announced) {
      console.error(`waiting for process ${owner.pid}, which is installing ${path.basename(target)}`);
      announced = true;
    }
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function tryAcquire(lock: string): boolean {
  // written beside and linked into place, so that nobody ever reads a lock without its owner
  const draft = `${lock}.${process.pid}`;
  fs.writeFileSync(draft, String(process.pid));
  try {
    fs.linkSync(draft, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function readOwner(lock: string): { pid: number; age: number } | undefined {
  try {
    return { pid: Number(fs.readFileSync(lock, 'utf8')), age: Date.now() - fs.statSync(lock).mtimeMs };
  } catch {
    return undefined; // released in the meantime
  }
}
