import assert from 'node:assert/strict';
import type { Settings } from '../../../../src/language/lower/settings';
import { roundsOf, shareOf } from '../../../../src/training/tuning/halving';
import { settingsOf } from '../../../../src/training/tuning/space';
import { modelOf } from '../models';

/** The settings that a `tune` block asks for. */
async function settings(block: string): Promise<Settings[]> {
  const { model } = await modelOf(
    `width = 3\nparam w = 1\nloss = width * w ** 2\ntrain loss { steps = 2 }\ntune { ${block} }`,
  );
  return settingsOf(model.tuning!);
}

describe('settingsOf', () => {
  it('draws as many different settings as there are trials, inside their bounds', async () => {
    const drawn = await settings('lr = log_uniform(1e-4, 1e-1); width = choice(1, 2, 3); trials = 40');
    assert.equal(drawn.length, 40);
    assert.equal(new Set(drawn.map(each => JSON.stringify(each))).size, 40);
    const rates = drawn.map(({ lr }) => Number(lr));
    assert.ok(rates.every(rate => rate >= 1e-4 && rate <= 1e-1));
    const small = rates.filter(rate => rate < 10 ** -2.5).length;
    assert.ok(small > 10 && small < 30, 'half of them below the middle of the logarithm');
    assert.deepEqual([...new Set(drawn.map(({ width }) => width))].sort(), [1, 2, 3]);
    assert.ok(
      rates.every(rate => rate === Number(rate.toPrecision(4))),
      'four digits',
    );
  });

  it('draws the same again, and a name whatever stands beside it', async () => {
    const alone = await settings('lr = uniform(0, 1); trials = 5');
    const beside = await settings('width = uniform(2, 3); lr = uniform(0, 1); trials = 5');
    assert.deepEqual(
      beside.map(({ lr }) => lr),
      alone.map(({ lr }) => lr),
    );
    assert.deepEqual(await settings('lr = uniform(0, 1); trials = 5'), alone);
  });

  it('goes through a space that has no more settings than trials', async () => {
    const all = await settings('width = choice(1, 2, 2); nesterov = choice(true, false); trials = 4');
    assert.deepEqual(all, [
      { width: 1, nesterov: true },
      { width: 1, nesterov: false },
      { width: 2, nesterov: true },
      { width: 2, nesterov: false },
    ]);
    const counts = await settings('steps = uniform(1.5, 4.5); trials = 20');
    assert.deepEqual(
      counts.map(({ steps }) => steps),
      [2, 3, 4],
    );
  });

  it('draws whole numbers for keys that count', async () => {
    const drawn = await settings('steps = log_uniform(1, 1000); trials = 30');
    assert.ok(drawn.every(({ steps }) => Number.isInteger(steps) && Number(steps) >= 1));
  });

  it('spreads the trials over the ranges of a grid, ends included', async () => {
    const grid = await settings(
      'lr = log_uniform(1e-3, 1e-1); width = choice(1, 2); trials = 6; search = grid',
    );
    assert.deepEqual(grid, [
      { lr: 0.001, width: 1 },
      { lr: 0.001, width: 2 },
      { lr: 0.01, width: 1 },
      { lr: 0.01, width: 2 },
      { lr: 0.1, width: 1 },
      { lr: 0.1, width: 2 },
    ]);
    const square = await settings('lr = uniform(0, 1); width = uniform(1, 3); trials = 9; search = grid');
    assert.deepEqual([...new Set(square.map(({ width }) => width))], [1, 2, 3]);
    assert.equal(
      (await settings('lr = uniform(0, 1); trials = 1; search = grid')).length,
      2,
      'two points at least',
    );
    const more = await settings('width = choice(1, 2, 3, 4); trials = 2; search = grid');
    assert.equal(more.length, 4, 'a grid of choices is whole');
  });

  it('refuses a grid that nobody waits for', async () => {
    const names = ['lr', 'momentum', 'dampening', 'weight_decay'];
    const block = names
      .map(name => `${name} = choice(${Array.from({ length: 11 }, (_, i) => i / 100)})`)
      .join(';');
    await assert.rejects(settings(`${block}; search = grid`), /the grid has 14641 settings; search = random/);
  });

  it('is the file as it is where nothing is searched', async () => {
    assert.deepEqual(await settings('folds = 1'), [{}]);
  });
});

describe('roundsOf', () => {
  it('keeps the better half and doubles its epochs, up to the whole training', () => {
    const rounds = roundsOf(8, 8).map(({ settings, share }) => [settings, shareOf(8, share)]);
    assert.deepEqual(rounds, [
      [8, 1],
      [4, 2],
      [2, 4],
      [1, 8],
    ]);
  });

  it('has no more rounds than the training has doublings', () => {
    const rounds = roundsOf(20, 10).map(({ settings, share }) => [settings, shareOf(10, share)]);
    assert.deepEqual(rounds, [
      [20, 1],
      [10, 2],
      [5, 5],
      [3, 10],
    ]);
    assert.deepEqual(roundsOf(4, 1), [{ settings: 4, share: 1 }]);
    assert.deepEqual(roundsOf(1, 100), [{ settings: 1, share: 1 }]);
  });
});
