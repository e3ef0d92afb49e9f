import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type ProcessGroup, startGroup } from './processGroup';
import { quietSettings } from './settings';
import type { VSCode } from './vscode';

export interface ServerOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Added to the quiet user settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Variables for the extension, made from the folder that lives as long as the server. */
  readonly variables?: (scratch: string) => NodeJS.ProcessEnv;
  /** An extension to have installed: a packaged `.vsix`, or the folder of one in development. */
  readonly extension?: string;
  /** Lets the address of the workbench name an extension and tests to load; suppresses notifications. */
  readonly testDriver?: boolean;
}

export interface Server {
  /** `127.0.0.1:PORT`, which is also the authority of `vscode-remote:` addresses. */
  readonly authority: string;
  readonly process: ProcessGroup['leader'];
  /** A folder that lives as long as the server. */
  readonly scratch: string;
  stop(): void;
}

/** Starts a VS Code server with data of its own, for this machine only. */
export async function startServer(vscode: VSCode, options: ServerOptions = {}): Promise<Server> {
  // VS Code puts its sockets below TMPDIR, and the name of a socket ends at 107 characters
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'nabla-'));
  const data = path.join(scratch, 'data');
  const extensions = path.join(scratch, 'extensions');
  fs.mkdirSync(extensions);
  const user = path.join(data, 'data', 'User');
  fs.mkdirSync(user, { recursive: true });
  fs.writeFileSync(
    path.join(user, 'settings.json'),
    JSON.stringify({ ...quietSettings, ...options.settings }, null, 2),
  );
  const folders = ['--server-data-dir', data, '--extensions-dir', extensions];
  if (options.extension) installExtension(vscode, options.extension, extensions, folders);

  const args = [
    ...[path.join(vscode.root, 'out', 'server-main.js'), ...folders],
    ...['--host', '127.0.0.1', '--port', String(options.port ?? 0), '--without-connection-token'],
    ...['--accept-server-license-terms', '--telemetry-level', 'off', '--disable-telemetry'],
    ...['--disable-workspace-trust', '--disable-update-check', '--disable-getting-started-override'],
    ...(options.testDriver ? ['--enable-smoke-test-driver'] : []),
  ];
  const group = startGroup(
    vscode.node,
    args,
    serverEnvironment(scratch, options.variables?.(scratch)),
    scratch,
  );
  try {
    const port = await listeningPort(group, options.port);
    return { authority: `127.0.0.1:${port}`, process: group.leader, scratch, stop: group.stop };
  } catch (error) {
    group.stop();
    throw error;
  }
}

/** The galleries are switched off: nothing is fetched. */
const noGallery = { EXTENSIONS_GALLERY: '{"serviceUrl":"","itemUrl":"","resourceUrlTemplate":""}' };

function serverEnvironment(scratch: string, extra?: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  // a terminal inside VS Code exports variables that would talk the new one into being a part of the old
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VSCODE|ELECTRON)_/.test(name) && name !== 'NODE_OPTIONS',
  );
  return {
    ...Object.fromEntries(inherited),
    TMPDIR: scratch,
    XDG_RUNTIME_DIR: scratch,
    ...noGallery,
    ...extra,
  };
}

function installExtension(
  vscode: VSCode,
  extension: string,
  target: string,
  folders: readonly string[],
): void {
  if (!extension.endsWith('.vsix')) {
    // a fresh extensions folder is scanned, so a link stands for an installation
    const manifest = fs.readFileSync(path.join(extension, 'package.json'), 'utf8');
    const { publisher, name, version } = JSON.parse(manifest) as Record<string, string>;
    fs.symlinkSync(path.resolve(extension), path.join(target, `${publisher}.${name}-${version}`), 'junction');
    return;
  }
  const { status, stdout, stderr } = spawnSync(
    vscode.node,
    [
      ...[path.join(vscode.root, 'out', 'server-main.js'), '--accept-server-license-terms', ...folders],
      ...['--install-extension', path.resolve(extension), '--force'],
    ],
    { encoding: 'utf8', timeout: 120_000, env: { ...process.env, ...noGallery } },
  );
  if (status !== 0 || !stdout.includes('successfully installed')) {
    throw new Error(`VS Code could not install ${extension}\n${stdout}\n${stderr}`);
  }
}

function listeningPort({ leader }: ProcessGroup, wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (what: string) =>
      reject(
        new Error(
          output.includes('EADDRINUSE')
            ? `Port ${wanted} is taken; choose another one.`
            : `${what}\n${output}`,
        ),
      );
    const limit = setTimeout(() => fail('the VS Code server did not start within a minute'), 60_000);
    const read = (data: Buffer) => {
      output = (output + data).slice(-10_000);
      const port = /Extension host agent listening on (\d+)/.exec(output)?.[1];
      if (!port) return;
      clearTimeout(limit);
      resolve(Number(port));
    };
    leader.stdout?.on('data', read);
    leader.stderr?.on('data', read);
    leader.on('error', reject);
    leader.on('exit', (code, signal) => {
      clearTimeout(limit);
      fail(`the VS Code server ended (${code ?? signal})`);
    });
  });
}
