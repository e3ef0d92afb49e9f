import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { FromWebview, ToWebview, WebviewState } from '../../../src/views/protocol';
import { launchBrowser, openPage, type PageOptions } from '../../vscode/host/browser';
import { projectRoot } from '../../vscode/host/paths';
import { shellHtml } from './shell';
import { serve } from './staticServer';
import { readTheme, type ThemeName } from './theme';

export interface WebviewOptions extends PageOptions {
  readonly theme?: ThemeName;
  /** Sent one after the other, once the webview has posted its first message. */
  readonly messages?: readonly ToWebview[];
  /** What an earlier instance kept with `setState`. */
  readonly state?: WebviewState;
  /** The extension's part: what it sends back for a message that the webview posts. */
  readonly answer?: (message: FromWebview) => readonly ToWebview[] | undefined;
  /** The markup that the extension's page has in its body. */
  readonly body?: string;
  /** The folder of the bundle; another one in tests of this harness. */
  readonly bundle?: string;
}

export interface WebviewUnderTest {
  readonly page: Page;
  /** Everything the webview has posted so far. */
  posted(): Promise<FromWebview[]>;
  /** The first posted message that `matches`, as soon as there is one. */
  waitForPosted(matches: (message: FromWebview) => boolean): Promise<FromWebview>;
  send(...messages: readonly ToWebview[]): Promise<void>;
  /** What the webview keeps across reloads. */
  state(): Promise<WebviewState | undefined>;
  setTheme(theme: ThemeName): Promise<void>;
  /** Exceptions, console errors and violations of the content policy. A good webview has none. */
  errors(): readonly string[];
  close(): Promise<void>;
}

/** The functions of `shell.js`, as they stand on the page's `window`. */
interface ShellWindow {
  readonly shell: {
    applyTheme(theme: unknown): void;
    posted(): FromWebview[];
    state(): WebviewState | undefined;
    deliver(message: ToWebview): Promise<void>;
  };
}

let sharedBrowser: Promise<Browser> | undefined;

/** Ends the browser that the webviews share; for an `after` hook. */
export async function closeBrowser(): Promise<void> {
  const browser = await sharedBrowser;
  sharedBrowser = undefined;
  await browser?.close();
}

/** Opens the webview's bundle in a browser, in a page that behaves like the one VS Code makes. */
export async function openWebview(options: WebviewOptions = {}): Promise<WebviewUnderTest> {
  const bundle = options.bundle ?? path.join(projectRoot, 'dist', 'webview');
  if (!fs.existsSync(path.join(bundle, 'main.js')))
    throw new Error('there is no bundle; run `npm run build`');
  const setup = {
    theme: readTheme(options.theme ?? 'dark'),
    state: options.state,
    body: options.body ?? '<div id="root"></div>',
  };
  const server = await serve({ '/dist/webview/': bundle, '/': __dirname }, (pathname, origin) =>
    pathname === '/' ? shellHtml(setup, origin) : undefined,
  );
  sharedBrowser ??= launchBrowser();
  const page = await openPage(await sharedBrowser, pageOptions(options));
  const errors: string[] = [];
  page.on('pageerror', error => errors.push(String(error.stack ?? error)));
  page.on('console', message => {
    if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
  });

  const posted = () => page.evaluate(() => (window as unknown as ShellWindow).shell.posted());
  const send = async (...messages: readonly ToWebview[]) => {
    for (const message of messages) {
      await page.evaluate(value => (window as unknown as ShellWindow).shell.deliver(value), message);
    }
  };
  const waitForPosted = async (matches: (message: FromWebview) => boolean) => {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const found = (await posted()).find(matches);
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`the webview did not post it\n${errors.join('\n')}`);
      await sleep(20);
    }
  };

  if (options.answer) {
    const { answer } = options;
    await page.exposeFunction('shellAnswer', (message: FromWebview) => send(...(answer(message) ?? [])));
  }
  await page.goto(server.origin);
  if (options.messages) {
    await waitForPosted(() => true);
    await send(...options.messages);
  }
  return {
    page,
    posted,
    waitForPosted,
    send,
    state: () => page.evaluate(() => (window as unknown as ShellWindow).shell.state()),
    setTheme: name =>
      page.evaluate(theme => (window as unknown as ShellWindow).shell.applyTheme(theme), readTheme(name)),
    errors: () => errors,
    close: async () => {
      await page.context().close();
      await server.close();
    },
  };
}

function pageOptions({ viewport, deviceScaleFactor }: WebviewOptions): PageOptions {
  return {
    viewport: viewport ?? { width: 900, height: 700 },
    ...(deviceScaleFactor === undefined ? {} : { deviceScaleFactor }),
  };
}
