import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeSafetensors } from '../../../src/interop/safetensors';
import { CheckpointError, readCheckpoint, writeCheckpoint } from '../../../src/training/checkpointFiles';
import type { Run } from '../../../src/training/run';
import { runOf } from './models';

const text = `
data d = moons(n = 40, noise = 0.1, seed = 3)
input x : [N, 2] = d[:, 0:2]
input y : [N] int = d[:, 2]
score = batch_norm(dense(x, 2))
train cross_entropy(score, y) {
  optimizer = adam(lr = 0.1); batch = 16; epochs = 9; split = 0.5; early_stop = 3
  metrics = [log(accuracy(score, y) - 2)]
}
`;

describe('the files of a checkpoint', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nabla-checkpoint-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const fingerprint = { text: 'abc', data: { x: '1', y: '2' } };
  const write = (run: Run): void =>
    writeCheckpoint(folder, { checkpoint: run.checkpoint(), fingerprint }, { batch: 16 });
  const file = (name: string): string => join(folder, name);

  it('read back as they were, to the bit', async () => {
    const run = await runOf(text);
    // In the middle of an epoch, with a best one behind, and a metric that is not a number.
    for (let i = 0; i < 7; i++) run.next();
    write(run);
    const saved = await readCheckpoint(folder);
    assert.deepEqual(saved, { checkpoint: run.checkpoint(), fingerprint });
    assert.ok(Number.isNaN(Object.values(saved.checkpoint.block.sums.metrics)[0]));
    assert.ok(saved.checkpoint.tensors.best.size > 0);
  });

  it('are safetensors that others read: parameters by their paths, the rest beside them', () => {
    const { tensors } = JSON.parse(readFileSync(file('checkpoint.json'), 'utf8')) as {
      tensors: { file: string };
    };
    const names = [...decodeSafetensors(readFileSync(file(tensors.file))).keys()];
    assert.deepEqual(
      names.filter(name => !name.includes('/')),
      [
        'score.dense2.W',
        'score.dense2.b',
        'score.batch_norm1.gamma',
        'score.batch_norm1.beta',
        'score.batch_norm1.running_mean',
        'score.batch_norm1.running_var',
      ],
    );
    assert.ok(names.includes('optimizer/exp_avg:score.dense2.W'));
    assert.ok(names.includes('best/score.dense2.W'));
  });

  it('hold a whole checkpoint at any moment, wherever a writer was interrupted', async () => {
    const run = await runOf(text);
    run.next();
    write(run);
    const before = run.checkpoint();
    const record = readFileSync(file('checkpoint.json'));
    run.next();
    write(run);
    const after = run.checkpoint();
    assert.deepEqual((await readCheckpoint(folder)).checkpoint, after);
    // As if the writer had ended before the record, which is the last to change, was replaced.
    const late = readFileSync(file('checkpoint.json'));
    writeFileSync(file('checkpoint.json'), record);
    assert.deepEqual((await readCheckpoint(folder)).checkpoint, before);
    // As if it had ended in the middle of the tensors.
    writeFileSync(file('checkpoint.a.safetensors.1.tmp'), 'half');
    assert.deepEqual((await readCheckpoint(folder)).checkpoint, before);
    writeFileSync(file('checkpoint.json'), late);
    assert.ok(readdirSync(folder).filter(name => name.endsWith('.safetensors')).length === 2);
  });

  it('are never seen half written by a reader meanwhile', async () => {
    const run = await runOf(text);
    const steps = new Set<number>();
    let writing = true;
    const reader = (async () => {
      while (writing) {
        const { checkpoint } = await readCheckpoint(folder);
        steps.add(checkpoint.block.steps);
      }
    })();
    for (let event = run.next(); event; event = run.next()) {
      write(run);
      await new Promise(resolve => setTimeout(resolve, 2));
    }
    writing = false;
    await reader;
    assert.ok(steps.size > 1);
  });

  describe('that are not there, or damaged, are explained', () => {
    const problem = async (): Promise<string> => {
      try {
        await readCheckpoint(folder);
      } catch (error) {
        if (error instanceof CheckpointError) return error.message;
        throw error;
      }
      return 'read';
    };
    const damage = async (name: string, content: string): Promise<string> => {
      const before = readFileSync(file(name));
      writeFileSync(file(name), content);
      const message = await problem();
      writeFileSync(file(name), before);
      return message;
    };

    it('each in one sentence', async () => {
      const { tensors } = JSON.parse(readFileSync(file('checkpoint.json'), 'utf8')) as {
        tensors: { file: string };
      };
      assert.equal(
        await damage(tensors.file, 'cut'),
        `${tensors.file} is damaged: it is not what checkpoint.json says`,
      );
      assert.equal(await damage('checkpoint.json', '{"format": 1'), 'checkpoint.json is damaged');
      assert.equal(await damage('checkpoint.json', 'null'), 'checkpoint.json is damaged');
      assert.equal(await damage('checkpoint.json', '{"format": 1}'), 'checkpoint.json is damaged');
      assert.match(
        await damage('checkpoint.json', '{"format": 7, "nabla": "9.0"}'),
        /does not read \(9\.0\)/,
      );
      rmSync(file(tensors.file));
      assert.equal(await problem(), `${tensors.file}, which checkpoint.json names, cannot be read`);
      rmSync(file('checkpoint.json'));
      assert.match(await problem(), /^there is no checkpoint\.json; /);
    });
  });
});
