// Takes the pictures of the README, in a dark and a light theme:  tsx test/vscode/screenshots.ts [scene ...]
import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from './host/paths';
import { makeScratchFolder } from './host/scratch';
import { VSCodeWindow } from './support/driver';

interface Scene {
  readonly name: string;
  /** One of the examples. */
  readonly file: string;
  readonly viewport: { readonly width: number; readonly height: number };
  /** Changes the model's text before it is opened. */
  readonly prepare?: (text: string) => string;
  readonly play: (window: VSCodeWindow) => Promise<void>;
}

const scenes: readonly Scene[] = [
  {
    name: 'training',
    file: 'digits.nabla',
    viewport: { width: 1500, height: 900 },
    // longer than the picture takes
    prepare: text => text.replace('epochs    = 15', 'epochs    = 9000').replace('lr = 0.01', 'lr = 0.0004'),
    play: async window => {
      await window.runCommand('Nabla: Open Graph');
      await window.webview('.canvas');
      await window.openView('Nabla');
      // the graph stands beside the text already
      await window.page.locator('.pane-header', { hasText: 'Graph' }).first().click();
      await window.page.locator('.tab', { hasText: 'digits.nabla' }).first().click();
      await window.goTo(10, 1);
      await window.page.emulateMedia({ reducedMotion: 'reduce' }); // dashes that run keep a slow machine busy
      await window.runCommand('Nabla: Train Model');
      await (await window.webview('.uplot')).locator('.uplot').first().waitFor();
      await window.page.waitForTimeout(500); // so that the curve has a shape
      await window.runCommand('Show or Focus Hover'); // of the name at the cursor
      await window.page
        .locator('.monaco-hover:not(.hidden) .hover-contents', { hasText: /value/ })
        .first()
        .waitFor({ timeout: 60_000 });
    },
  },
  {
    name: 'graph',
    file: 'sigmoid.nabla',
    viewport: { width: 1300, height: 820 },
    play: async window => {
      await window.runCommand('View: Toggle Primary Side Bar Visibility');
      await window.runCommand('Nabla: Open Graph');
      await window.webview('.canvas');
      await window.page.locator('.tab', { hasText: 'sigmoid.nabla' }).first().click();
      await window.goTo(9, 8);
      await (await window.webview('.inspector')).locator('.use').first().waitFor();
    },
  },
];

const themes = { dark: 'Dark Modern', light: 'Light Modern' } as const;

async function take(scene: Scene, theme: keyof typeof themes): Promise<void> {
  const folder = path.join(makeScratchFolder(), 'examples');
  fs.cpSync(path.join(projectRoot, 'examples'), folder, { recursive: true });
  fs.rmSync(path.join(folder, '.nabla'), { recursive: true, force: true });
  const file = path.join(folder, scene.file);
  if (scene.prepare) fs.writeFileSync(file, scene.prepare(fs.readFileSync(file, 'utf8')));
  const window = await VSCodeWindow.open({
    folder,
    file,
    viewport: scene.viewport,
    deviceScaleFactor: 2,
    settings: {
      'workbench.colorTheme': themes[theme],
      'window.autoDetectColorScheme': false,
      'editor.minimap.enabled': false,
      'breadcrumbs.enabled': false,
      'window.commandCenter': false,
      'workbench.layoutControl.enabled': false,
    },
  });
  const picture = path.join(projectRoot, 'media', 'screenshots', `${scene.name}-${theme}.png`);
  try {
    await scene.play(window);
    await window.page.waitForTimeout(700); // fades, layout and the first frames of a chart
    await window.screenshot(picture);
    console.log(`${path.relative(projectRoot, picture)} ${(fs.statSync(picture).size / 1024).toFixed(0)} KB`);
  } catch (error) {
    await window.screenshot(picture.replace(/\.png$/, '.failed.png'));
    throw error;
  } finally {
    await window.close();
  }
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  fs.mkdirSync(path.join(projectRoot, 'media', 'screenshots'), { recursive: true });
  for (const scene of scenes.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    for (const theme of Object.keys(themes) as (keyof typeof themes)[]) await take(scene, theme);
  }
}

main().catch(error => {
  console.error(error);
  process.exit(1);
});
