import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from './paths';

export interface ProcessGroup {
  readonly leader: ChildProcess;
  /** Ends the process with all its children and removes its folder. */
  stop(): void;
}

const running = new Set<ProcessGroup>();
let watching = false;

/**
 * Starts a process that leads a group of its own, so that it ends together with its children, and never
 * outlives this process. `folder` is its scratch folder.
 */
export function startGroup(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  folder: string,
): ProcessGroup {
  endWithThisProcess();
  const leader = spawn(command, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
  const reaper = spawn(
    process.execPath,
    [path.join(projectRoot, 'test/vscode/host/reaper.cjs'), String(leader.pid), folder],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    },
  );
  reaper.unref();
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true; // from here on the id may come to belong to somebody else
    reaper.kill();
    killTree(leader);
  };
  leader.on('exit', end);
  const group: ProcessGroup = {
    leader,
    stop() {
      running.delete(group);
      end();
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  running.add(group);
  return group;
}

function killTree(leader: ChildProcess): void {
  if (leader.pid === undefined) return;
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(leader.pid), '/T', '/F']);
    return;
  }
  try {
    process.kill(-leader.pid, 'SIGKILL');
  } catch {
    // nothing of it is left
  }
}

function endWithThisProcess(): void {
  if (watching) return;
  watching = true;
  const stopAll = () => {
    for (const group of running) group.stop();
  };
  process.on('exit', stopAll);
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.on(signal, () => {
      stopAll();
      process.exit(128 + number);
    });
  }
}
