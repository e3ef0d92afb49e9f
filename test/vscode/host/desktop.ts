import { spawnSync } from 'node:child_process';
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
