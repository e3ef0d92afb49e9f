import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from './chromium';

export interface PageOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly deviceScaleFactor?: number;
}

/** A headless Chromium. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, env } = await findChromium();
  const unsandboxed =
    process.getuid?.() === 0 || process.env.CI !== undefined || env.LD_LIBRARY_PATH !== undefined;
  return chromium.launch({
    executablePath,
    env: { ...process.env, ...env } as Record<string, string>,
    args: [
      '--enable-unsafe-swiftshader',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
      ...(unsandboxed ? ['--no-sandbox'] : []),
    ],
    timeout: 60_000,
  });
}

/** A page in a fresh profile, from which nothing leaves the machine. */
export async function openPage(browser: Browser, options: PageOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1400, height: 900 },
    // under the locale `C` Chromium calls its language `en-US@posix`, which `Intl` refuses
    locale: 'en-US',
    ...options,
  });
  await stayLocal(context);
  return context.newPage();
}

async function stayLocal(context: BrowserContext): Promise<void> {
  const isOutside = (url: URL) =>
    url.protocol.startsWith('http') && url.hostname !== '127.0.0.1' && url.hostname !== 'localhost';
  await context.route(isOutside, route => route.abort());
}
