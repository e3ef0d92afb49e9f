import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { commands, contextKeys, graphPanelType, itemKinds, languageId, settings, views } from '../../src/ids';

interface Menu {
  readonly command: string;
  readonly when?: string;
}

const root = path.resolve(__dirname, '../..');
const read = (file: string) => fs.readFileSync(path.join(root, file), 'utf8');
const manifest = JSON.parse(read('package.json'));
const texts: Record<string, string> = JSON.parse(read('package.nls.json'));
const { contributes } = manifest;
const menus = Object.values(contributes.menus as Record<string, Menu[]>).flat();
const sorted = (values: Iterable<string>) => [...values].sort();

describe('manifest', () => {
  it('declares the commands of ids.ts', () => {
    const declared = contributes.commands.map((command: Menu) => command.command);
    assert.deepEqual(sorted(declared), sorted(Object.values(commands)));
  });

  it('declares the views of ids.ts', () => {
    const [container] = contributes.viewsContainers.activitybar;
    const declared = contributes.views[container.id].map((view: { id: string }) => view.id);
    assert.deepEqual(sorted([container.id, ...declared]), sorted(Object.values(views)));
    assert.deepEqual(manifest.activationEvents, [`onWebviewPanel:${graphPanelType}`]);
  });

  it('declares the settings of ids.ts', () => {
    assert.deepEqual(
      sorted(Object.keys(contributes.configuration.properties)),
      sorted(Object.values(settings)),
    );
    assert.equal(contributes.languages[0].id, languageId);
  });

  it('puts only declared commands into menus, under conditions that exist', () => {
    const declared = new Set<string>(Object.values(commands));
    const keys = new Set<string>(Object.values(contextKeys));
    const kinds = new Set<string>(Object.values(itemKinds));
    for (const { command, when = '' } of menus) {
      assert.ok(declared.has(command), command);
      for (const [key] of when.matchAll(/nabla\.\w+/g)) {
        assert.ok(keys.has(key) || Object.values<string>(views).includes(key), `${command}: ${key}`);
      }
      for (const [, kind] of when.matchAll(/viewItem == (\S+)/g)) assert.ok(kinds.has(kind!), kind);
    }
  });

  it('shows commands in the palette only where they make sense', () => {
    const everywhere = new Set<string>([
      commands.newModel,
      commands.openCourse,
      commands.showLog,
      commands.restartEngine,
    ]);
    const conditions = new Map(
      (contributes.menus.commandPalette as Menu[]).map(menu => [menu.command, menu.when]),
    );
    for (const command of Object.values(commands)) {
      assert.equal(conditions.has(command), !everywhere.has(command), command);
    }
  });

  it('has a text for every key, and a key for every text', () => {
    const used = [...read('package.json').matchAll(/"%([\w.]+)%"/g)].map(match => match[1]!);
    assert.deepEqual(sorted(new Set(used)), sorted(Object.keys(texts)));
  });

  it('names only files that exist', () => {
    const paths = [...read('package.json').matchAll(/"(?:\.\/)?(media\/[^"]+)"/g)].map(match => match[1]!);
    assert.ok(paths.length > 0);
    for (const file of paths) assert.ok(fs.existsSync(path.join(root, file)), file);
  });
});
