import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createEngine, type Engine } from '../../../src/worker/handler';
import type { Analysis, Responses } from '../../../src/worker/protocol';

const examples = path.resolve(__dirname, '../../../examples');

async function analyze(
  name: string,
  trusted = true,
): Promise<{ engine: Engine; analysis: Analysis; uri: string }> {
  const uri = path.join(examples, name);
  const text = fs.readFileSync(uri, 'utf8');
  const engine = createEngine(() => {});
  const document = { uri, version: 1, path: uri, text, trusted };
  const analysis = await engine.handle({ kind: 'analyze', document, values: true }, () => false);
  return { engine, analysis: analysis as Analysis, uri };
}

describe('analysis', () => {
  it('knows the parameters that a layer owns, with their values', async () => {
    const { analysis } = await analyze('iris.nabla');
    const info = analysis.names.find(({ name }) => name === 'h.W');
    assert.deepEqual([info?.kind, info?.shape, info?.value?.shape], ['param', '[4, 16]', [4, 16]]);
    assert.ok(info?.gradient);
  });

  it('counts the rows of data, and none where there is no data', async () => {
    const [iris, sigmoid] = [await analyze('iris.nabla'), await analyze('sigmoid.nabla')];
    assert.deepEqual([iris.analysis.state.rows, iris.analysis.state.totalRows], [150, 150]);
    assert.deepEqual([sigmoid.analysis.state.rows, sigmoid.analysis.state.totalRows], [0, 0]);
  });

  it('says how long a training lasts, also before data may be read', async () => {
    const summary = async (trusted: boolean) =>
      (await analyze('iris.nabla', trusted)).analysis.training[0]!.summary;
    assert.equal(await summary(true), '60 epochs, 120 rows by 32, adam');
    assert.equal(await summary(false), '60 epochs, adam');
  });

  it('tells of one node with a picture, and runs nothing where values are not wanted', async () => {
    const { engine, analysis, uri } = await analyze('iris.nabla');
    const info = analysis.names.find(({ name }) => name === 'logits')!;
    assert.equal(info.value?.picture, undefined);
    const inspect = async (values: boolean) => {
      const request = { kind: 'inspect', uri, version: 1, node: info.node, values } as const;
      return (await engine.handle(request, () => false)) as Responses['inspect'];
    };
    const { shown, local } = await inspect(true);
    const { picture, ...rest } = shown!.result.value;
    assert.deepEqual([picture?.rows, picture?.columns], [32, 3]);
    assert.deepEqual(rest, info.value);
    assert.deepEqual(await inspect(false), { local });
    assert.ok(local.length > 0);
  });

  it('explains with what the file says, and puts operands in parentheses', async () => {
    const formula = async (example: string, wanted: string) => {
      const { engine, analysis, uri } = await analyze(example);
      const { node } = analysis.names.find(({ name }) => name === wanted)!;
      const explained = await engine.handle({ kind: 'explain', uri, version: 1, node }, () => false);
      return (explained as { formula: string }).formula;
    };
    assert.equal(await formula('iris.nabla', 'W'), 'param W : [16, 3] ~ xavier()');
    assert.equal(await formula('iris.nabla', 'h.W'), 'h.W : [4, 16]');
    assert.equal(await formula('hinge.nabla', 'margins'), 'margins = maximum(…) * (1 - one_hot(y, 3))');
  });
});
