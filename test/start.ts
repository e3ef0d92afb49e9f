// Opens a real VS Code with the examples:  npm start -- [--port N] [--host desktop|npm] [--no-open]
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { hasDisplay, openInDesktop } from './vscode/host/desktop';
import { runsOnThisNode } from './vscode/host/node';
import { projectRoot } from './vscode/host/paths';
import { startServer } from './vscode/host/server';
import { installVSCode } from './vscode/host/vscode';
import { workbenchUrl } from './vscode/host/workbench';

const folder = path.join(projectRoot, 'examples');
const file = path.join(folder, 'iris.nabla');

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string' },
      'no-open': { type: 'boolean', default: false },
    },
  });
  if (values.host !== 'npm' && (await openInDesktop({ extension: projectRoot, folder, file }))) {
    console.log('The examples are open in VS Code.');
    return;
  }
  if (values.host === 'desktop') throw new Error('No desktop VS Code can be opened here.');
  await startInBrowser(parsePort(values.port), !values['no-open']);
}

async function startInBrowser(port: number, open: boolean): Promise<void> {
  // the newest that needs no other Node
  const vscode = await installVSCode(runsOnThisNode('vscode-1.139') ? 'vscode-1.139' : 'vscode-1.100');
  const server = await startServer(vscode, { port, extension: projectRoot });
  const url = workbenchUrl(server, { folder, file });
  console.log(`VS Code ${vscode.version} is ready:\n\n  ${url}\n\nOpen it in a browser. Ctrl-C ends it.`);
  if (open && hasDisplay()) openInBrowser(url);
  server.process.on('exit', () => {
    console.error('VS Code has ended.');
    process.exit(1);
  });
}

function openInBrowser(url: string): void {
  const commands: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
    darwin: ['open'],
    win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  };
  const [command, ...args] = commands[process.platform] ?? ['xdg-open'];
  const opener = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
  opener.on('error', () => {}); // the address has been printed
  opener.unref();
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new Error(`${text} is not a port number.`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
