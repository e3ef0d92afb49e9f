import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { cacheDir } from './paths';

/** Whether a window can be shown at all. */
export function hasDisplay(): boolean {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** The executable of the desktop VS Code on this machine: `VSCODE_EXECUTABLE`, else one in a usual place. */
export function installedDesktop(): string | undefined {
  const programs = [
    process.env.LOCALAPPDATA && path.join(process.env.LOCALAPPDATA, 'Programs'),
    process.env.ProgramFiles,
  ];
  const places: Partial<Record<NodeJS.Platform, string[]>> = {
    linux: ['/usr/share/code/code', '/opt/visual-studio-code/code', '/snap/code/current/usr/share/code/code'],
    darwin: ['/Applications/Visual Studio Code.app/Contents/MacOS/Electron'],
    win32: programs
      .filter(Boolean)
      .map(folder => path.join(folder as string, 'Microsoft VS Code', 'Code.exe')),
  };
  return [process.env.VSCODE_EXECUTABLE, ...(places[process.platform] ?? [])].find(
    file => file && fs.existsSync(file),
  );
}

/** Downloads a desktop VS Code, or finds it downloaded earlier; gives up soon where there is no network. */
export async function downloadedDesktop(version: string): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(5000);
    const { ok } = await fetch('https://update.code.visualstudio.com/api/releases/stable', { signal });
    return ok ? await downloadAndUnzipVSCode({ version, cachePath: cacheDir, timeout: 60_000 }) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether tests can be shown a window that nobody sees. */
export function hasVirtualDisplay(): boolean {
  return process.platform === 'linux' && spawnSync('xvfb-run', ['--help'], { stdio: 'ignore' }).status === 0;
}

export interface DesktopWindow {
  /** The folder of an extension in development. */
  readonly extension: string;
  readonly folder: string;
  readonly file: string;
}

/** Opens a window of the installed VS Code, in the user's own profile; false where there is none. */
export async function openInDesktop({ extension, folder, file }: DesktopWindow): Promise<boolean> {
  // in a terminal of a remote VS Code, `code` talks to a window on another machine
  if (!hasDisplay() || process.env.VSCODE_IPC_HOOK_CLI) return false;
  const windows = process.platform === 'win32';
  const args = ['--new-window', `--extensionDevelopmentPath=${extension}`, folder, file];
  // on Windows `code` is a batch file: it needs a shell, and the shell needs quotes
  const code = spawn('code', windows ? args.map(argument => `"${argument}"`) : args, {
    stdio: 'ignore',
    shell: windows,
  });
  return new Promise(resolve => {
    code.on('error', () => resolve(false));
    code.on('exit', status => resolve(status === 0));
  });
}
