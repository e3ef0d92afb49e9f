import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import type { Server } from './server';

export interface WorkbenchOptions {
  readonly folder: string;
  /** Opened in the editor. */
  readonly file?: string;
  /** With the test driver only: an extension in development, and a module whose `run()` tests it. */
  readonly development?: { readonly extension: string; readonly tests?: string };
}

/** The address that shows a folder in the server's workbench. */
export function workbenchUrl({ authority }: Server, { folder, file, development }: WorkbenchOptions): string {
  const remote = (local: string) => `vscode-remote://${authority}${pathToFileURL(local).pathname}`;
  const payload: [string, string][] = [
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
  ];
  if (file) payload.push(['openFile', remote(file)]);
  if (development) payload.push(['extensionDevelopmentPath', remote(development.extension)]);
  if (development?.tests) payload.push(['extensionTestsPath', remote(development.tests)]);
  const query = new URLSearchParams({ folder: path.resolve(folder), payload: JSON.stringify(payload) });
  return `http://${authority}/?${query}`;
}

/** Resolves when the workbench stands. */
export async function openWorkbench(page: Page, url: string): Promise<void> {
  await page.goto(url, { timeout: 60_000 });
  await page.waitForSelector('.monaco-workbench .part.statusbar', { timeout: 60_000 });
}
