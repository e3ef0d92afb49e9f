import fs from 'node:fs';
import path from 'node:path';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { launchBrowser, openPage, type PageOptions } from '../host/browser';
import { projectRoot } from '../host/paths';
import { type Server, startServer } from '../host/server';
import { installVSCode, type VSCodeUnit } from '../host/vscode';
import { openWorkbench, workbenchUrl } from '../host/workbench';

export interface WindowOptions extends PageOptions {
  readonly unit?: VSCodeUnit;
  readonly folder: string;
  readonly file?: string;
  /** A packaged `.vsix`, or a folder; this project when nothing is said, `undefined` for none. */
  readonly extension?: string | undefined;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A VS Code window in a browser, driven from outside as a person would: with mouse and keyboard. */
export class VSCodeWindow {
  private constructor(
    readonly page: Page,
    private readonly server: Server,
    private readonly browser: Browser,
  ) {}

  static async open(options: WindowOptions): Promise<VSCodeWindow> {
    const { unit = 'vscode-1.139', folder, file, settings = {}, viewport, deviceScaleFactor } = options;
    const extension = 'extension' in options ? options.extension : projectRoot;
    const server = await startServer(await installVSCode(unit), {
      settings,
      ...(extension ? { extension } : {}),
    });
    let browser: Browser | undefined;
    try {
      browser = await launchBrowser();
      const page = await openPage(browser, {
        ...(viewport ? { viewport } : {}),
        ...(deviceScaleFactor ? { deviceScaleFactor } : {}),
      });
      await openWorkbench(page, workbenchUrl(server, { folder, ...(file ? { file } : {}) }));
      const window = new VSCodeWindow(page, server, browser);
      if (file) await page.locator('.monaco-editor .view-line').first().waitFor();
      return window;
    } catch (error) {
      await browser?.close();
      server.stop();
      throw error;
    }
  }

  /** Opens a file of the folder by its name. */
  async openFile(name: string): Promise<void> {
    await this.pick('', name);
    await this.page.locator('.tab.active', { hasText: name }).first().waitFor();
  }

  /** Runs a command by the title it has in the palette, such as `Nabla: Train Model`. */
  async runCommand(title: string): Promise<void> {
    await this.pick('>', title);
  }

  /** Shows a container of the activity bar by its name. */
  async openView(name: string): Promise<void> {
    const button = this.page.locator('.activitybar .action-item', {
      has: this.page.locator(`[aria-label^="${name}"]`),
    });
    if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click();
  }

  /** Puts the cursor into the active editor; lines and columns count from 1. */
  async goTo(line: number, column = 1): Promise<void> {
    await this.openQuickInput(`:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /**
   * Rests the mouse on the first occurrence of a word in the active editor, and resolves to the text that
   * appears. `expected` is for the time before the extension answers: the hover must match it.
   */
  async hover(word: string, expected = /\S/): Promise<string> {
    const target = await this.locateWord(word);
    const hover = this.page
      .locator('.monaco-hover:not(.hidden) .hover-contents')
      .filter({ hasText: expected });
    for (let attempt = 1; ; attempt++) {
      await this.page.mouse.move(target.x + 350, target.y + 250);
      await this.page.mouse.move(target.x, target.y, { steps: 4 });
      try {
        await hover.first().waitFor({ timeout: 2500 });
        return (await hover.allInnerTexts()).join('\n').trim();
      } catch (error) {
        if (attempt === 8) throw error;
      }
    }
  }

  /** The webview that contains the selector, wherever it is docked. */
  async webview(selector: string): Promise<FrameLocator> {
    const shells = this.page.locator('iframe.webview.ready');
    const deadline = Date.now() + 20_000;
    while (Date.now() < deadline) {
      for (let index = 0; index < (await shells.count()); index++) {
        const content = shells.nth(index).contentFrame().frameLocator('iframe#active-frame');
        const found = await content
          .locator(selector)
          .count()
          .catch(() => 0);
        if (found > 0) return content;
      }
      await this.page.waitForTimeout(100);
    }
    throw new Error(`no webview contains ${selector}`);
  }

  /** The texts of the notifications on screen. */
  notifications(): Promise<string[]> {
    return this.page.locator('.notification-toast').allInnerTexts();
  }

  /** What an extension has written to its log of the given name, such as `Nabla`. */
  log(name: string): string {
    const { scratch } = this.server;
    const files = fs.readdirSync(scratch, { recursive: true, encoding: 'utf8' });
    const found = files.filter(file => path.basename(file) === `${name}.log`);
    return found.map(file => fs.readFileSync(path.join(scratch, file), 'utf8')).join('');
  }

  async screenshot(file: string): Promise<void> {
    await this.page.screenshot({ path: file });
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.stop();
  }

  private async pick(prefix: string, label: string): Promise<void> {
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first();
    for (let attempt = 1; ; attempt++) {
      await this.openQuickInput(prefix + label);
      try {
        await row.waitFor({ timeout: 3000 });
        break;
      } catch (error) {
        if (attempt === 5) throw error;
        await this.page.keyboard.press('Escape'); // a list that is open misses what has just been contributed
      }
    }
    await this.page.keyboard.press('Enter');
  }

  private async openQuickInput(text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input.input').first();
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press('F1');
      try {
        await input.fill(text, { timeout: 5000 });
        return;
      } catch (error) {
        if (attempt === 4) throw error; // one that opens may close again, when something else takes the focus
      }
    }
  }

  /** The middle of the first whole occurrence of a word on screen. */
  private async locateWord(word: string): Promise<{ x: number; y: number }> {
    const lines = this.page.locator('.editor-instance .view-line', { hasText: word });
    await lines.first().waitFor();
    const place = await lines.evaluateAll((elements, wanted) => {
      const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])${wanted}(?![\\p{L}\\p{N}_])`, 'u');
      const byPosition = elements.sort(
        (a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top,
      );
      for (const line of byPosition) {
        const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        for (let text = walker.nextNode(); text; text = walker.nextNode()) {
          const match = pattern.exec(text.textContent ?? '');
          if (!match) continue;
          const range = document.createRange();
          range.setStart(text, match.index);
          range.setEnd(text, match.index + match[0].length);
          const { x, y, width, height } = range.getBoundingClientRect();
          return { x: x + width / 2, y: y + height / 2 };
        }
      }
      return undefined;
    }, word);
    if (!place) throw new Error(`${word} is not on screen`);
    return place;
  }
}
