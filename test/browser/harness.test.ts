import assert from 'node:assert/strict';
import path from 'node:path';
import type { ToWebview, WebviewState } from '../../src/views/protocol';
import { closeBrowser, openWebview } from './support/page';

const bundle = path.join(__dirname, 'support', 'sample');
const snapshot: ToWebview = { kind: 'snapshot', snapshot: { version: 7, runs: [] } };
const state: WebviewState = { opened: ['hidden'], logarithmic: true, hiddenRuns: [] };

describe('browser harness', () => {
  after(closeBrowser);

  it('delivers messages after the first post, in order, and records what comes back', async () => {
    const select = { kind: 'select', version: 7, node: 3 } as const;
    const webview = await openWebview({ bundle, messages: [snapshot, select] });
    assert.deepEqual(await webview.posted(), [{ kind: 'ready' }, { kind: 'copy', text: '7' }, select]);
    await webview.close();
  });

  it('keeps state like VS Code', async () => {
    const webview = await openWebview({ bundle, state });
    await webview.send({ kind: 'select', version: 7, node: 3 });
    assert.deepEqual(await webview.state(), { ...state, zoom: 3 });
    await webview.close();
  });

  it('lets the test answer like the extension', async () => {
    const webview = await openWebview({
      bundle,
      answer: message => (message.kind === 'ready' ? [snapshot] : undefined),
    });
    await webview.waitForPosted(message => message.kind === 'copy');
    await webview.close();
  });

  it('dresses the page in a theme and changes it', async () => {
    const webview = await openWebview({ bundle, theme: 'light' });
    const look = () =>
      webview.page.evaluate(() => [
        document.body.className,
        getComputedStyle(document.documentElement).backgroundColor,
      ]);
    assert.deepEqual(await look(), ['vscode-light', 'rgb(255, 255, 255)']);
    await webview.setTheme('high-contrast');
    assert.deepEqual(await look(), ['vscode-high-contrast', 'rgb(0, 0, 0)']);
    await webview.close();
  });

  it('reports what the content policy forbids', async () => {
    const webview = await openWebview({ bundle, body: '<p style="color: red">inline</p>' });
    assert.match(webview.errors().join('\n'), /Content Security Policy/);
    await webview.close();
  });
});
