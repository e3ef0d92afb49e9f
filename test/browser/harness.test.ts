import assert from 'node:assert/strict';
import path from 'node:path';
import { closeBrowser, openWebview } from './support/page';

const bundle = path.join(__dirname, 'support', 'sample');

describe('browser harness', () => {
  after(closeBrowser);

  it('restores state, delivers messages after the first post and records answers', async () => {
    const values = Float32Array.of(1, 2.5);
    const webview = await openWebview({
      bundle,
      state: { zoom: 2 },
      messages: [{ type: 'numbers', values }],
    });
    assert.deepEqual(
      await webview.waitForPosted(message => (message as { type: string }).type === 'doubled'),
      {
        type: 'doubled',
        values: Float32Array.of(2, 5),
      },
    );
    assert.deepEqual((await webview.posted())[0], { type: 'ready', state: { zoom: 2 } });
    await webview.send({ type: 'keep', value: { zoom: 3 } });
    assert.deepEqual(await webview.state(), { zoom: 3 });
    await webview.close();
  });

  it('lets the test answer like the extension', async () => {
    const answer = (message: unknown) =>
      (message as { type: string }).type === 'ready' ? [{ type: 'numbers', values: [4] }] : undefined;
    const webview = await openWebview({ bundle, answer });
    await webview.waitForPosted(message => (message as { values?: number[] }).values?.[0] === 8);
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
