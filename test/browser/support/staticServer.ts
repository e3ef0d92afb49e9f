import fs from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
};

export interface StaticServer {
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves folders, each below its own prefix, and pages made on request, to this machine only. */
export async function serve(
  folders: Readonly<Record<string, string>>,
  pages: (pathname: string, origin: string) => string | undefined,
): Promise<StaticServer> {
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', origin);
    const page = pages(pathname, origin);
    try {
      const content = page ?? (await readBelow(folders, decodeURIComponent(pathname)));
      const type = contentTypes[page === undefined ? path.extname(pathname) : '.html'];
      response.writeHead(200, {
        'content-type': type ?? 'application/octet-stream',
        'cache-control': 'no-store',
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBelow(folders: Readonly<Record<string, string>>, pathname: string): Promise<Buffer> {
  for (const [prefix, folder] of Object.entries(folders)) {
    if (!pathname.startsWith(prefix)) continue;
    const file = path.join(folder, pathname.slice(prefix.length));
    if (file.startsWith(folder + path.sep)) return fs.readFile(file);
  }
  throw new Error(`nothing is served at ${pathname}`);
}
