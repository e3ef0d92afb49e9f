import assert from 'node:assert/strict';
import { encodeNonFinite } from '../../src/base/nonFinite';
import type { DisplayGraph } from '../../src/drawing/displayGraph';
import type { FromWebview, ToWebview, WebviewState } from '../../src/views/protocol';
import { idOf, iris, message, sigmoid } from './recorded/read';
import { closeBrowser, openWebview, type WebviewOptions, type WebviewUnderTest } from './support/page';

let webview: WebviewUnderTest;
const [first, running] = iris.snapshot.runs.map(({ runId }) => runId) as [string, string];

async function open(options: WebviewOptions = {}): Promise<WebviewUnderTest> {
  webview = await openWebview(options);
  return webview;
}

const text = (selector: string) =>
  webview.page
    .locator(selector)
    .textContent()
    .then(found => found ?? '');
const isKind =
  <Kind extends FromWebview['kind']>(kind: Kind) =>
  (posted: FromWebview): posted is Extract<FromWebview, { kind: Kind }> =>
    posted.kind === kind;
const waitFor = <Kind extends FromWebview['kind']>(kind: Kind) =>
  webview.waitForPosted(isKind(kind)) as Promise<Extract<FromWebview, { kind: Kind }>>;

/** Walks there by keyboard, as the canvas has nothing to click on by name. */
async function walk(...keys: string[]): Promise<void> {
  await webview.page.locator('.canvas').focus();
  for (const key of keys) await webview.page.keyboard.press(key);
}

/** `if w > 1 { loss = w ** 2 } else { half = ...; loss = ... }` where w is 2. */
const branching: DisplayGraph = {
  nodes: [
    { id: 0, role: 'parameter', name: 'w', op: 'parameter', shape: '[]', dtype: 'float', line: 1 },
    { id: 1, role: 'operation', name: 'half', op: '/', shape: '[]', dtype: 'float', group: 9, outline: true },
    { id: 2, role: 'operation', name: 'loss', op: '*', shape: '[]', dtype: 'float', group: 9, outline: true },
    { id: 3, role: 'operation', name: 'loss', op: '**', shape: '[]', dtype: 'float' },
  ],
  edges: [
    { id: '0>1.0', from: 0, to: 1, operand: 0 },
    { id: '1>2.0', from: 1, to: 2, operand: 0 },
    { id: '0>3.0', from: 0, to: 3, operand: 0 },
  ],
  groups: [
    {
      id: 9,
      label: 'else, not taken',
      kind: 'branch',
      result: 2,
      outline: { names: 'half, loss', reason: 'not taken for these values: w > 1 is true' },
    },
  ],
  objective: 3,
};

const spoken = () => webview.page.locator('.spoken').textContent();

/** How many pixels of the layer above the cards are painted, in all and in colour. */
function painted(): Promise<{ all: number; warm: number; cold: number }> {
  return webview.page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.layer-above')!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const count = { all: 0, warm: 0, cold: 0 };
    for (let i = 0; i < data.length; i += 4) {
      const [r, b, a] = [data[i]!, data[i + 2]!, data[i + 3]!];
      if (a < 100) continue;
      count.all++;
      if (r - b > 90) count.warm++;
      if (b - r > 90) count.cold++;
    }
    return count;
  });
}

const nextFrame = () =>
  webview.page.evaluate(
    () => new Promise<void>(resolve => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  );

describe('webview', function () {
  this.timeout(30_000);

  afterEach(async () => {
    const errors = webview.errors();
    await webview.close();
    assert.deepEqual(errors, []);
  });
  after(closeBrowser);

  it('asks for a snapshot once, and says that it is loading', async () => {
    await open();
    await waitFor('ready');
    assert.equal((await webview.posted()).length, 1);
    assert.match(await text('.empty'), /Loading/);
  });

  it('says why there is nothing to draw', async () => {
    await open({
      messages: [{ kind: 'snapshot', snapshot: { version: 1, empty: 'Open a model.', runs: [] } }],
    });
    assert.equal(await text('.empty'), 'Open a model.');
    assert.equal(await webview.page.locator('.work').isVisible(), false);
  });

  it('draws nodes with their values, in the colours of signs', async () => {
    await open({ messages: [message(sigmoid)] });
    await nextFrame();
    const count = await painted();
    assert.ok(count.all > 3000 && count.warm > 100 && count.cold > 50, JSON.stringify(count));
  });

  for (const theme of ['light', 'dark', 'high-contrast'] as const) {
    it(`repaints when the theme becomes ${theme}`, async () => {
      await open({ theme: theme === 'dark' ? 'light' : 'dark', messages: [message(sigmoid)] });
      await nextFrame();
      const ink = () =>
        webview.page.evaluate(() => {
          const canvas = document.querySelector<HTMLCanvasElement>('.layer-above')!;
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
          let sum = 0;
          for (let i = 0; i < data.length; i += 4) if (data[i + 3]! > 200) sum += data[i]! + data[i + 1]!;
          return sum;
        });
      const before = await ink();
      await webview.setTheme(theme);
      await nextFrame();
      await nextFrame();
      assert.notEqual(await ink(), before);
    });
  }

  it('explains the selected node in symbols and numbers', async () => {
    await open({ messages: [message(sigmoid)] });
    const { version } = sigmoid.snapshot;
    await webview.send(
      { kind: 'select', version, node: idOf(sigmoid, 'w0') },
      { kind: 'explanation', version, explanation: sigmoid.explanation },
    );
    const shown = await text('.inspector');
    for (const part of [
      'w0',
      '∂f/∂w0',
      '−0.1966',
      'x0 × ∂f/∂(w0 * x0)',
      '−1',
      '0.1966',
      'multiply switches',
    ]) {
      assert.ok(shown.includes(part), `${part} in ${shown}`);
    }
  });

  it('shows the sum of several uses, and goes to a use', async () => {
    const { version } = iris.snapshot;
    await open({ messages: [message(iris, { selected: idOf(iris, 'W'), explanation: iris.explanation })] });
    const shown = await text('.inspector');
    for (const part of ['2 uses', 'h @ W', 'l2 › square', 'sum of contributions', 'line 8']) {
      assert.ok(shown.includes(part), `${part} in ${shown}`);
    }
    const use = iris.explanation.uses.at(-1)!;
    await webview.page.getByRole('button', { name: use.consumerName }).click();
    assert.deepEqual(await waitFor('select'), { kind: 'select', version, node: use.consumer });
  });

  it('copies an explanation and reveals its line', async () => {
    await open({
      messages: [message(sigmoid, { selected: idOf(sigmoid, 'w0'), explanation: sigmoid.explanation })],
    });
    await webview.page.getByRole('button', { name: 'Copy the explanation' }).click();
    assert.match((await waitFor('copy')).text, /∂f\/∂w0 = −0\.1966[\s\S]*−1 × 0\.1966 = −0\.1966/);
    await webview.page.getByRole('button', { name: 'line 9' }).click();
    const { span } = sigmoid.snapshot.graph!.nodes.find(({ name }) => name === 'w0')!;
    assert.deepEqual((await waitFor('reveal')).span, span);
  });

  it('walks along edges by keyboard, and selects', async () => {
    await open({ messages: [message(sigmoid)] });
    await nextFrame();
    await walk('ArrowDown');
    assert.match((await spoken())!, /^f, sigmoid, \[\], value 0\.7311, gradient 1$/);
    await walk('ArrowUp');
    assert.match((await spoken())!, /^z, /);
    await walk('ArrowUp', 'ArrowUp', 'Enter');
    const { node } = await waitFor('select');
    const chosen = sigmoid.snapshot.graph!.nodes.find(({ id }) => id === node);
    assert.equal(chosen?.op, '*');
    await walk('Escape');
    const cleared = await webview.waitForPosted(each => each.kind === 'select' && each.node === null);
    assert.ok(cleared);
  });

  it('selects what is clicked, and clears beside it', async () => {
    await open({ messages: [message(sigmoid)] });
    await nextFrame();
    const box = (await webview.page.locator('.canvas').boundingBox())!;
    // a picture that is fitted has its middle in the middle; the pre-activation stands near it
    await webview.page.mouse.click(box.x + box.width / 2, box.y + box.height * 0.7);
    assert.equal(typeof (await waitFor('select')).node, 'number');
    await webview.page.mouse.click(box.x + 3, box.y + 3);
    await webview.waitForPosted(each => each.kind === 'select' && each.node === null);
  });

  it('opens and closes a group, and keeps that', async () => {
    await open({ messages: [message(iris)] });
    await nextFrame();
    const { version } = iris.snapshot;
    await webview.send({ kind: 'select', version, node: idOf(iris, 'h') });
    await walk('Enter');
    assert.deepEqual(((await webview.state()) as WebviewState).opened, ['dense']);
    await nextFrame();
    await walk('ArrowUp');
    assert.match((await spoken())!, /^\+, \[N, 16\]/);
    await walk('Backspace');
    assert.deepEqual(((await webview.state()) as WebviewState).opened, []);
  });

  it('comes back as it was after a reload', async () => {
    const state: WebviewState = {
      uri: iris.snapshot.uri!,
      opened: ['dense', 'cross_entropy'],
      zoom: 0.8,
      pan: { x: 12, y: -30 },
      logarithmic: true,
      hiddenRuns: [first],
    };
    await open({ state, messages: [message(iris)] });
    await nextFrame();
    assert.deepEqual(await webview.state(), state);
    const checked = webview.page.locator('.legend vscode-checkbox');
    assert.deepEqual(await checked.evaluateAll(all => all.map(each => (each as HTMLInputElement).checked)), [
      false,
      true,
      true,
    ]);
  });

  it('forgets groups and view of another file', async () => {
    const state = {
      uri: 'file:///other',
      opened: ['x'],
      zoom: 3,
      pan: { x: 1, y: 1 },
      logarithmic: true,
      hiddenRuns: [],
    };
    await open({ state, messages: [message(iris)] });
    const { opened, zoom, logarithmic, uri } = (await webview.state()) as WebviewState;
    assert.deepEqual([opened, zoom, logarithmic, uri], [[], undefined, true, iris.snapshot.uri]);
  });

  it('draws a run as it goes on', async () => {
    await open({ messages: [message(iris)] });
    assert.match(await text('.status'), /Training\s*step 120 of 240/);
    const { version } = iris.snapshot;
    const state = { label: 'step 240 of run 14:05:40', runId: running, step: 240, rows: '150 rows' };
    await webview.send(iris.progress, { kind: 'values', version, state, values: iris.trained });
    assert.match(await text('.status'), /Finished\s*step 240 of 240/);
    assert.match(await text('.shown'), /step 240 of run 14:05:40 · 150 rows/);
    assert.equal((await webview.posted()).filter(isKind('ready')).length, 1);
  });

  it('asks again when it has missed a part of a run', async () => {
    await open({ messages: [message(iris)] });
    await webview.send({ ...iris.progress, from: 7 });
    await webview.send({ ...iris.progress, runId: 'unknown' });
    assert.equal((await webview.posted()).filter(isKind('ready')).length, 3);
    assert.match(await text('.status'), /step 120 of 240/);
  });

  it('ignores values of an older text', async () => {
    await open({ messages: [message(iris)] });
    const state = { label: 'old', rows: 'old' };
    await webview.send({ kind: 'values', version: 0, state, values: iris.trained });
    assert.doesNotMatch(await text('.shown'), /old/);
  });

  it('controls a run', async () => {
    await open({ messages: [message(iris)] });
    await webview.page.locator('vscode-button[title="Pause"]').click();
    assert.deepEqual(await waitFor('control'), { kind: 'control', action: 'pause' });
    const field = webview.page.locator('vscode-text-field input');
    await field.fill('0.05');
    await field.press('Enter');
    assert.deepEqual(await waitFor('learningRate'), { kind: 'learningRate', runId: running, value: 0.05 });
    await field.fill('fast');
    await field.press('Enter');
    assert.equal((await webview.posted()).filter(isKind('learningRate')).length, 1);
    assert.equal(await webview.page.locator('vscode-text-field').getAttribute('aria-invalid'), 'true');
  });

  it('shows a kept step on request', async () => {
    await open({ messages: [message(iris)] });
    const plot = webview.page.locator('.u-over').first();
    const { width, height } = (await plot.boundingBox())!;
    await plot.hover({ position: { x: width * 0.34, y: height / 2 } });
    assert.match(await text('.readout'), /^step \d+ · .*loss 0\.\d+/);
    await plot.click({ position: { x: width * 0.34, y: height / 2 } });
    const { runId, step } = await waitFor('show');
    const { kept } = iris.snapshot.runs.at(-1)!;
    assert.ok(runId === running && kept.includes(step) && Math.abs(step - 81) < 8, `step ${step}`);
  });

  it('hides a run and turns to a logarithmic scale', async () => {
    await open({ messages: [message(iris)] });
    await webview.page.locator('.legend vscode-checkbox').first().click();
    await webview.page.locator('.legend .log').click();
    const { hiddenRuns, logarithmic } = (await webview.state()) as WebviewState;
    assert.deepEqual([hiddenRuns, logarithmic], [[first], true]);
  });

  it('refuses messages that do not fit, and goes on', async () => {
    await open({ messages: [message(sigmoid)] });
    const { snapshot } = sigmoid;
    const broken = [
      null,
      7,
      'snapshot',
      [],
      {},
      { kind: 'toString' },
      { kind: '__proto__' },
      { kind: 'snapshot' },
      { kind: 'snapshot', snapshot: { version: 'one', runs: [] } },
      { kind: 'snapshot', snapshot: { ...snapshot, graph: { ...snapshot.graph, nodes: [{ id: 1 }] } } },
      { kind: 'values', version: 1, state: snapshot.state, values: { nodes: [{}], edges: [] } },
      { kind: 'select', version: 1, node: 'w0' },
      { kind: 'progress', runId: 'a', from: 0 },
    ];
    await webview.send(...(broken as ToWebview[]));
    await webview.send({ kind: 'select', version: 1, node: idOf(sigmoid, 'w0') });
    assert.match(await text('.inspector'), /w0/);
  });

  it('draws the branch not taken in outline, says why, and opens it', async () => {
    await open({ messages: [message(iris)] });
    const key = webview.page.locator('.key .entry', { hasText: 'not taken' });
    assert.equal(await key.isVisible(), false);
    await webview.send({ kind: 'snapshot', snapshot: { version: 2, runs: [], graph: branching } });
    await key.waitFor();
    const until = async (wanted: RegExp, ...keys: string[]) => {
      for (const each of keys) {
        if (wanted.test((await spoken()) ?? '')) return;
        await walk(each);
      }
      assert.match((await spoken()) ?? '', wanted);
    };
    await until(/^else, not taken/, 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'ArrowRight');
    assert.equal(
      await spoken(),
      'else, not taken, group of 2, closed, would make half, loss, not taken for these values: w > 1 is true',
    );
    await walk('Enter');
    assert.deepEqual((await waitFor('select')).node, 2);
    assert.match(await text('.inspector'), /loss.*Not taken for these values: w > 1 is true\./);
    await walk('Enter');
    await until(/^half, /, 'ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowUp');
    assert.match((await spoken())!, /not taken for these values: w > 1 is true$/);
  });

  it('shows values that are no numbers, as they come from VS Code', async () => {
    await open({ messages: [message(iris)] });
    const { version } = iris.snapshot;
    const state = { label: 'step 7, with NaN', rows: '' };
    const [first, ...rest] = iris.trained.nodes;
    const nodes = [
      { ...first!, value: { ...first!.value, norm: Number.NaN, max: Number.POSITIVE_INFINITY } },
      ...rest,
    ];
    const sent = encodeNonFinite({
      kind: 'values',
      version,
      state,
      values: { ...iris.trained, nodes },
    } as const);
    await webview.send(JSON.parse(JSON.stringify(sent)) as ToWebview);
    assert.match(await text('.shown'), /step 7, with NaN/);
  });

  it('draws edges and groups that point nowhere without failing', async () => {
    const graph = sigmoid.snapshot.graph!;
    const odd: ToWebview = message(sigmoid, {
      graph: {
        ...graph,
        nodes: graph.nodes.map((each, i) => (i === 0 ? { ...each, group: 99 } : each)),
        edges: [...graph.edges, { id: 'x', from: 1, to: 777, operand: 0 }],
        groups: [{ id: 5, label: 'lost', kind: 'call', result: 888, parent: 6 }],
      },
    });
    await open({ messages: [odd] });
    await nextFrame();
    assert.ok((await painted()).all > 3000);
  });

  it('lets dashes run while it trains, but not for those who asked for stillness', async () => {
    await open({ viewport: { width: 1100, height: 900 } });
    const moves = async () => {
      const look = () =>
        webview.page.evaluate(() => document.querySelector<HTMLCanvasElement>('.layer')!.toDataURL());
      await nextFrame();
      const before = await look();
      await webview.page.waitForTimeout(150);
      return before !== (await look());
    };
    await webview.page.emulateMedia({ reducedMotion: 'reduce' });
    await webview.send(message(iris));
    assert.equal(await moves(), false);
    await webview.page.emulateMedia({ reducedMotion: 'no-preference' });
    assert.equal(await moves(), true);
    await webview.send(iris.progress);
    assert.equal(await moves(), false);
  });

  it('repaints neither text nor curves while nothing but the dashes moves', async () => {
    await open({ viewport: { width: 1100, height: 900 }, messages: [message(iris)] });
    const texts = (milliseconds: number) =>
      webview.page.evaluate(async duration => {
        const { prototype } = CanvasRenderingContext2D;
        const { fillText } = prototype;
        let count = 0;
        prototype.fillText = function (...args) {
          count++;
          return fillText.apply(this, args);
        };
        await new Promise(resolve => setTimeout(resolve, duration));
        prototype.fillText = fillText;
        return count;
      }, milliseconds);
    await webview.page.waitForTimeout(500);
    assert.equal(await texts(400), 0);
    const { version } = iris.snapshot;
    const state = { label: 'step 130', runId: running, step: 130, rows: '150 rows' };
    const painting = texts(1_000);
    await webview.send({ kind: 'values', version, state, values: iris.trained });
    assert.ok((await painting) > 20);
  });

  it('fits both a side bar and a panel', async () => {
    await open({ viewport: { width: 300, height: 800 }, messages: [message(iris, { selected: 7 })] });
    const box = async (selector: string) => (await webview.page.locator(selector).boundingBox())!;
    const [graph, side] = [await box('.canvas'), await box('.side')];
    assert.ok(side.y >= graph.y + graph.height - 1 && graph.height > 150, 'one above the other');
    await webview.page.setViewportSize({ width: 1100, height: 700 });
    const [wideGraph, wideSide] = [await box('.canvas'), await box('.side')];
    assert.ok(wideSide.x >= wideGraph.x + wideGraph.width - 1, 'side by side');
    const overflow = await webview.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(overflow, false);
  });

  it('gives the picture all the room until there is something to say beside it', async () => {
    await open({ messages: [message(sigmoid)], viewport: { width: 1000, height: 600 } });
    const isShown = (selector: string) => webview.page.locator(selector).isVisible();
    assert.deepEqual([await isShown('.side'), await isShown('.hint')], [false, true]);
    await webview.send({ kind: 'select', version: 1, node: idOf(sigmoid, 'z') });
    assert.deepEqual([await isShown('.side'), await isShown('.hint')], [true, false]);
  });

  for (const [width, height] of [
    [300, 800],
    [520, 760],
    [640, 700],
  ] as const) {
    it(`cuts nothing off at ${width} by ${height}, with a selection and runs`, async () => {
      const selected = { selected: idOf(iris, 'W'), explanation: iris.explanation };
      await open({ viewport: { width, height }, messages: [message(iris, selected)] });
      await nextFrame();
      const box = async (selector: string) => (await webview.page.locator(selector).boundingBox())!;
      const [canvas, charts, inspector] = [
        await box('.canvas'),
        await box('.charts'),
        await box('.inspector'),
      ];
      assert.ok(canvas.height >= height * 0.33, `the picture has ${canvas.height} of ${height}`);
      assert.ok(charts.y + charts.height <= height + 1 && charts.x + charts.width <= width + 1);
      assert.ok(inspector.height > 100, `the inspector has ${inspector.height}`);
      const wide = await webview.page
        .locator('.bar, .side, .inspector, .charts')
        .evaluateAll(all =>
          all.filter(each => each.scrollWidth > each.clientWidth).map(each => each.className),
        );
      assert.deepEqual(wide, []);
    });
  }

  it('names everything that can be pressed', async () => {
    await open({ messages: [message(iris, { selected: idOf(iris, 'W'), explanation: iris.explanation })] });
    const nameless = await webview.page
      .locator('vscode-button, button, input, vscode-text-field, [role=toolbar], [role=application]')
      .evaluateAll(all =>
        all
          .filter(each => !each.getAttribute('aria-label') && !each.textContent?.trim())
          .map(each => each.outerHTML),
      );
    assert.deepEqual(nameless, []);
  });

  it('lays a large graph out on its worker', async () => {
    const count = 600;
    const nodes = Array.from({ length: count }, (_, id) => ({
      ...sigmoid.snapshot.graph!.nodes[7]!,
      id,
      name: `n${id}`,
    }));
    const edges = nodes.slice(1).map(({ id }) => ({ id: `e${id}`, from: id - 1, to: id, operand: 0 }));
    const graph = { nodes, edges, groups: [], objective: count - 1 };
    const { values: _, ...rest } = sigmoid.snapshot;
    await open({ messages: [{ kind: 'snapshot', snapshot: { ...rest, graph } }] });
    await webview.page.waitForFunction(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.layer-above')!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return data.some(value => value > 0);
    });
    assert.equal(webview.page.workers().length, 1);
  });
});
