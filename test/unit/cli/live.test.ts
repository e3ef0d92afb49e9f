import assert from 'node:assert/strict';
import { main } from '../../../src/cli/main';
import { styleFor } from '../../../src/cli/style';
import type { Terminal } from '../../../src/cli/terminal';
import { Place } from './terminal';

/** Back to the start of the line, and its rest wiped. */
const CLEAR = '\r\u001b[K';

/** A terminal that a person watches. */
class Watched implements Terminal {
  printed = '';
  drawn = '';
  readonly outStyle;
  readonly errStyle;

  constructor(
    readonly live: boolean,
    coloured: boolean,
    readonly columns = 100,
  ) {
    this.outStyle = this.errStyle = styleFor(coloured);
  }

  readonly out = (text: string): void => {
    this.printed += text;
  };

  readonly err = (text: string): void => {
    this.drawn += text;
  };
}

describe('a terminal that is watched', () => {
  const place = new Place({ 'm.nabla': 'param w = 1\nloss = w ** 2\ntrain loss { steps = 3000 }\n' });
  after(() => place.remove());

  it('sees a bar that is taken away at the end', async () => {
    const terminal = new Watched(true, true);
    assert.equal(await main(['train', place.path('m.nabla')], terminal), 0);
    const frames = terminal.drawn.split(CLEAR);
    assert.equal(frames[0], '');
    assert.match(frames[1]!, / \d+ % {2}step \d+\/3000 {2}epoch 1 {2}loss \S+ {2}rate 0\.01 {2}.* left$/);
    assert.equal(frames.at(-1), '', 'nothing is left of it');
    assert.ok(frames[1]!.includes('\u001b[32m'), 'in colour');
  });

  it('sees no colours when they are not wanted', async () => {
    const terminal = new Watched(true, false);
    await main(['train', place.path('m.nabla')], terminal);
    assert.ok(!(terminal.drawn + terminal.printed).replaceAll(CLEAR, '').includes('\u001b'));
  });

  it('keeps the bar within a narrow line', async () => {
    const terminal = new Watched(true, false, 60);
    await main(['train', place.path('m.nabla')], terminal);
    for (const frame of terminal.drawn.split(CLEAR)) assert.ok([...frame].length < 60, frame);
  });

  it('reads steps that are not drawn over', async () => {
    const terminal = new Watched(true, false);
    await main(['train', place.path('m.nabla'), '--log-every', '1000'], terminal);
    assert.match(
      terminal.printed,
      /^step 1000 {2}loss \S+\nstep 2000 {2}loss \S+\nstep 3000 {2}loss \S+\n3000 steps in /,
    );
  });

  it('sees how far a check of gradients is, which Ctrl-C ends', async () => {
    place.write('g.nabla', 'param w : [30, 30] ~ normal()\nloss = sum(tanh(w @ w @ w))\n');
    const watched = new Watched(true, false);
    assert.equal(await main(['gradcheck', place.path('g.nabla')], watched), 0);
    const frames = watched.drawn.split(CLEAR);
    assert.match(frames[1]!, / \d+ % {2}gradients of 1 tensor {2}.* left$/);
    assert.equal(frames.at(-1), '');

    const interrupted = new Watched(true, false);
    const check = main(['gradcheck', place.path('g.nabla')], interrupted);
    const press = setInterval(() => interrupted.drawn !== '' && process.emit('SIGINT'), 0);
    assert.equal(await check.finally(() => clearInterval(press)), 130);
    assert.equal(interrupted.printed, '');
    assert.match(interrupted.drawn, /nabla: interrupted before all gradients were checked\n$/);
  });

  it('shows values in its width', async () => {
    place.write('wide.nabla', 'x = linspace(0, 1, 50)\nloss = sum(x)\n');
    const terminal = new Watched(false, false, 90);
    await main(['run', place.path('wide.nabla')], terminal);
    for (const line of terminal.printed.split('\n')) assert.ok([...line].length <= 90, line);
  });
});
