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
  readonly play: (window: VSCodeWindow) => Promise<void>;
}

const scenes: readonly Scene[] = [
  {
    name: 'hover',
    file: 'neuron.nabla',
    play: async window => {
      await window.runCommand('Nabla: Run Model');
      await window.hover('loss', /gradient/i);
    },
  },
  {
    name: 'graph',
    file: 'neuron.nabla',
    play: async window => {
      await window.runCommand('Nabla: Open Graph');
      await (await window.webview('canvas')).locator('canvas').first().waitFor();
    },
  },
  {
    name: 'training',
    file: 'iris.nabla',
    play: async window => {
      await window.openView('Nabla');
      await window.runCommand('Nabla: Open Graph');
      await window.webview('canvas');
      await window.page.locator('.tab', { hasText: 'iris.nabla' }).first().click();
      await window.runCommand('Nabla: Train Model');
      await (await window.webview('.uplot')).locator('.uplot').first().waitFor();
    },
  },
];

const themes = { dark: 'Dark Modern', light: 'Light Modern' } as const;

async function take(scene: Scene, theme: keyof typeof themes): Promise<void> {
  const folder = path.join(makeScratchFolder(), 'examples');
  fs.cpSync(path.join(projectRoot, 'examples'), folder, { recursive: true });
  const window = await VSCodeWindow.open({
    folder,
    file: path.join(folder, scene.file),
    viewport: { width: 1440, height: 900 },
    settings: { 'workbench.colorTheme': themes[theme], 'window.autoDetectColorScheme': false },
  });
  const picture = path.join(projectRoot, 'media', 'screenshots', `${scene.name}-${theme}.png`);
  try {
    await scene.play(window);
    await window.page.waitForTimeout(1000); // fades, layout and the first frames of a chart
    await window.screenshot(picture);
    console.log(path.relative(projectRoot, picture));
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
