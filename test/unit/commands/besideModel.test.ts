import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { besideModel } from '../../../src/commands/besideModel';

describe('a model that is moved', () => {
  it('looks below its folder for what was above it', () => {
    const text =
      'data d = csv("../../data/a.csv", test = csv("../b.csv"))\nimport "layers.nabla"\n# "../c.csv"\n';
    assert.deepEqual(besideModel(text), {
      text: 'data d = csv("data/a.csv", test = csv("b.csv"))\nimport "layers.nabla"\n# "../c.csv"\n',
      files: [
        { from: '../../data/a.csv', to: 'data/a.csv' },
        { from: '../b.csv', to: 'b.csv' },
        { from: 'layers.nabla', to: 'layers.nabla' },
      ],
    });
  });

  it('takes along all that the examples read, which lies in the package', () => {
    const root = path.resolve(__dirname, '../../../examples');
    const models = fs.readdirSync(root, { recursive: true, encoding: 'utf8' });
    const read = new Set<string>();
    for (const model of models.filter(name => name.endsWith('.nabla'))) {
      const { files } = besideModel(fs.readFileSync(path.join(root, model), 'utf8'));
      for (const { from } of files) {
        const file = path.join(path.dirname(path.join(root, model)), from);
        assert.ok(fs.existsSync(file), `${model}: ${from}`);
        read.add(path.relative(root, file).replaceAll('\\', '/'));
      }
    }
    assert.deepEqual([...read].sort(), ['course/layers.nabla', 'data/digits.csv.gz', 'data/iris.csv']);
    const nested = besideModel(fs.readFileSync(path.join(root, 'course/layers.nabla'), 'utf8'));
    assert.deepEqual(nested.files, [], 'what an example imports reads nothing more');
  });
});
