import assert from 'node:assert/strict';
import { Place } from './terminal';

describe('nabla gradcheck', () => {
  const place = new Place({
    'rows.nabla': [
      'data d = moons(n = 50, seed = 1)',
      'input x : [N, 2] = d[:, 0:2]',
      'input y : [N] = d[:, 2]',
      'h = dense(x, 5, act = tanh)',
      'loss = mse(dense(h, 1), expand(y, 1))',
      '',
    ].join('\n'),
    'kink.nabla': 'param w : [2] = [0, 1]\nloss = sum(relu(w))\n',
    'numeric.nabla': 'param w = [1, 2]\nl = sum(3 * w)\ng = numeric_grad(l, w, h = 0.5)\nloss = sum(g * w)\n',
    'lie.nabla': 'param w = 2\nv = stop_gradient(w)\nloss = w * v\n',
  });
  after(() => place.remove());

  it('holds every parameter against differences, on the first rows', async () => {
    const { status, out, err } = await place.nabla('gradcheck', 'rows.nabla', '--json');
    assert.deepEqual([status, err], [0, '']);
    const report = JSON.parse(out) as Record<string, unknown> & { nodes: Record<string, unknown>[] };
    assert.deepEqual([report.objective, report.rows, report.pass], ['loss', 32, true]);
    assert.deepEqual(
      report.nodes.map(node => [node.name, node.shape, node.checked, node.total, node.pass]),
      [
        ['h.W', [2, 5], 10, 10, true],
        ['h.b', [5], 5, 5, true],
        ['loss.W', [5, 1], 5, 5, true],
        ['loss.b', [1], 1, 1, true],
      ],
    );
    for (const node of report.nodes) assert.ok((node.deviation as number) < 1e-6);
  });

  it('takes as many rows as asked, and every float node', async () => {
    const { out } = await place.nabla('gradcheck', 'rows.nabla', '--json', '--rows', '3', '--all');
    const report = JSON.parse(out) as { rows: number; nodes: { name: string; shape: number[] }[] };
    assert.equal(report.rows, 3);
    assert.deepEqual(
      report.nodes.map(node => node.name),
      ['x', 'y', 'h.W', 'h.b', 'h', 'loss.W', 'loss.b', 'loss'],
    );
    assert.deepEqual(report.nodes[0]!.shape, [3, 2]);
  });

  it('reports kinks and passes', async () => {
    const { status, out } = await place.nabla('gradcheck', 'kink.nabla');
    assert.equal(status, 0);
    assert.match(out, /kink at w\[0\]: the slope is 0 on the left and 1 on the right/);
  });

  it('takes an objective that evaluates itself', async () => {
    const { status, out, err } = await place.nabla('gradcheck', 'numeric.nabla');
    assert.deepEqual([status, err], [0, '']);
    assert.match(out, /^✓ {2}w {8}1 {2}\[2\] {10}2 {6}0 .* 3, 3$/m);
  });

  it('fails where the gradient is not the slope', async () => {
    const { status, out, err } = await place.nabla('gradcheck', 'lie.nabla');
    assert.equal(status, 1);
    assert.match(out, /^✗ {2}w/m);
    assert.match(err, /^lie\.nabla:1:1: error\[check-failed\]: /);
  });
});
