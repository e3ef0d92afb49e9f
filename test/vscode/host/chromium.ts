import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { installUnit } from './install';

export interface Chromium {
  readonly executablePath: string;
  /** What its libraries and fonts need to be found. */
  readonly env: Readonly<Record<string, string>>;
}

const installedBrowsers = [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/chromium-browser',
  '/usr/bin/microsoft-edge',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** A Chromium: `CHROME_PATH`, else an installed one, else the one in an npm package (Linux on x64). */
export async function findChromium(): Promise<Chromium> {
  const installed = [process.env.CHROME_PATH, ...installedBrowsers].find(file => file && fs.existsSync(file));
  if (installed) return { executablePath: installed, env: {} };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('no Chrome, Chromium or Edge found; set CHROME_PATH to one');
  }
  const folder = path.join(await installUnit('chromium', unpack), 'chrome');
  const libraries = [process.env.LD_LIBRARY_PATH, path.join(folder, 'lib')].filter(Boolean).join(':');
  return {
    executablePath: path.join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: writeFontConfiguration(folder) },
  };
}

/** The package's own unpacking shares a half-written file between processes, so this is done here. */
async function unpack(folder: string): Promise<void> {
  const chrome = path.join(folder, 'chrome');
  fs.mkdirSync(chrome);
  const archives = path.join(folder, 'node_modules', '@sparticuz', 'chromium', 'bin');
  const tar = createRequire(path.join(folder, 'package.json'))('tar-fs') as {
    extract(target: string): NodeJS.WritableStream;
  };
  const expand = (archive: string, target: NodeJS.WritableStream) =>
    pipeline(fs.createReadStream(path.join(archives, archive)), createBrotliDecompress(), target);
  await expand('chromium.br', fs.createWriteStream(path.join(chrome, 'chromium'), { mode: 0o755 }));
  await expand('swiftshader.tar.br', tar.extract(chrome)); // WebGL in software
  await expand('al2023.tar.br', tar.extract(chrome)); // lib/: nss, nspr, expat
  await expand('fonts.tar.br', tar.extract(path.join(chrome, 'fonts')));
  const dejavu = path.join(folder, 'node_modules', 'dejavu-fonts-ttf', 'ttf');
  for (const font of ['DejaVuSans', 'DejaVuSans-Bold', 'DejaVuSansMono', 'DejaVuSansMono-Bold']) {
    fs.copyFileSync(path.join(dejavu, `${font}.ttf`), path.join(chrome, 'fonts', `${font}.ttf`));
  }
  fs.rmSync(path.join(folder, 'node_modules'), { recursive: true });
}

/** Without a monospace font within reach Chromium dies at the first text editor. */
function writeFontConfiguration(folder: string): string {
  const file = path.join(folder, 'fonts.conf');
  fs.writeFileSync(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}/fontcache</cachedir>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
</fontconfig>
`,
  );
  return file;
}
