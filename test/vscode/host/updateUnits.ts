// For maintainers: writes `units/` anew, with the versions below:  tsx test/vscode/host/updateUnits.ts
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runNpm } from './nestedNpm';
import type { VSCodeUnit } from './vscode';

type Dependencies = Record<string, string>;

/** code-server is where npm has VS Code's server and workbench; its own part is not used. */
const codeServers: Readonly<Record<VSCodeUnit, { version: string; extra: Dependencies }>> = {
  'vscode-1.100': {
    version: '4.100.3',
    extra: { '@vscode/ripgrep': '1.18.0', 'node-pty': '1.2.0-beta.15' }, // these come with binaries
  },
  'vscode-1.139': { version: '4.139.1', extra: {} },
};

const nodeVersion = '24.21.0';
const nodePlatforms = ['linux-x64', 'linux-arm64', 'win-x64'];
const chromium: Dependencies = { '@sparticuz/chromium': '153.0.0', 'dejavu-fonts-ttf': '2.37.3' };

/** Native, or for services that are not used here; `nativeStubs.ts` stands in where the server insists. */
const superfluous = new Set([
  '@anthropic-ai/sandbox-runtime',
  '@devcontainers/cli',
  '@github/copilot',
  '@github/copilot-sdk',
  '@microsoft/mxc-sdk',
  '@vscode/copilot-api',
  '@vscode/deviceid',
  '@vscode/fs-copyfile',
  '@vscode/native-watchdog',
  '@vscode/sandbox-runtime',
  '@vscode/spdlog',
  '@vscode/sqlite3',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  'detect-libc',
  'katex',
  'kerberos',
  'native-watchdog',
  'node-addon-api',
  'ssh2',
  'tar',
  'zod',
]);

/** What the server depends on, at the versions it was built with. */
function serverDependencies(version: string): Dependencies {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nabla-units-'));
  try {
    execFileSync('npm', ['pack', '--silent', `code-server@${version}`], { cwd: folder });
    execFileSync('tar', ['xzf', `code-server-${version}.tgz`, 'package/lib/vscode'], { cwd: folder });
    const read = (file: string) =>
      JSON.parse(fs.readFileSync(path.join(folder, 'package', 'lib', 'vscode', file), 'utf8'));
    const { dependencies } = read('package.json') as { dependencies: Dependencies };
    const { packages } = read('npm-shrinkwrap.json') as { packages: Record<string, { version: string }> };
    const names = Object.keys(dependencies).filter(name => !superfluous.has(name));
    return Object.fromEntries(names.map(name => [name, packages[`node_modules/${name}`]?.version ?? '']));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

async function writeUnit(name: string, content: object): Promise<void> {
  const folder = path.join(__dirname, 'units', name);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const manifest = { name: `npm-${name}`, version: '0.0.0', private: true, ...content };
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  // the lock file holds hashes, but no addresses
  const lock = ['install', '--package-lock-only', '--omit-lockfile-registry-resolved', '--ignore-scripts'];
  await runNpm([...lock, '--no-audit', '--no-fund'], folder);
}

async function main(): Promise<void> {
  for (const [name, { version, extra }] of Object.entries(codeServers)) {
    const dependencies = { 'code-server': version, ...serverDependencies(version), ...extra };
    await writeUnit(name, { description: 'VS Code from npm packages, installed on demand', dependencies });
  }
  await writeUnit('chromium', { dependencies: chromium });
  const nodes = nodePlatforms.map(platform => [`node-${platform}`, nodeVersion]);
  await writeUnit('node24', { optionalDependencies: Object.fromEntries(nodes) });
}

void main();
