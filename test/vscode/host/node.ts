import fs from 'node:fs';
import path from 'node:path';
import { installUnit } from './install';
import type { VSCodeUnit } from './vscode';

/** VS Code 1.101 and later need `module.registerHooks`, which came with Node 22.15. */
export function runsOnThisNode(unit: VSCodeUnit): boolean {
  if (unit === 'vscode-1.100') return true;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 15);
}

/** The Node executable for a VS Code: this one when it will do, else one from npm. */
export async function findNode(unit: VSCodeUnit): Promise<string> {
  if (runsOnThisNode(unit)) return process.execPath;
  const folder = await installUnit('node24', removeHeaders);
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const bin = path.join(folder, 'node_modules', `node-${platform}-${process.arch}`, 'bin');
  const executable = ['node', 'node.exe'].map(name => path.join(bin, name)).find(file => fs.existsSync(file));
  if (executable) return executable;
  throw new Error(`npm has no Node 24 for ${platform}-${process.arch}; use Node 22.15 or later`);
}

function removeHeaders(folder: string): void {
  const modules = path.join(folder, 'node_modules');
  for (const name of fs.readdirSync(modules).filter(entry => entry.startsWith('node-'))) {
    fs.rmSync(path.join(modules, name, 'include'), { recursive: true, force: true });
  }
}
