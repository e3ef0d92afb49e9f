import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { Source } from '../../../src/language/source';
import { analyzeText } from '../../../src/language/text';
import { EngineClient } from '../../../src/worker/engineClient';
import { Place } from './terminal';

/** Calls itself until it is `depth` calls deep, from the midst of operators and branches. */
const recursion = (depth: number): string => `fn f(x, n) {
  if n > 1 {
    return 1 + (2 * (x - (0 * f(x, n - 1) if n > 0 else 3)))
  }
  return x
}
param w = 2
loss = f(w, ${depth}) ** 2
`;

const tooDeep = 'f calls itself more than 1000 times; its recursion does not end';

describe('calls within calls', function () {
  this.timeout(60_000);

  describe('in the terminal', () => {
    const place = new Place({
      'deepest.nabla': `${recursion(1000)}train loss { optimizer = sgd(lr = 0.05); steps = 3 }\n`,
      'deeper.nabla': recursion(1001),
      'endless.nabla': 'fn f(n) { return f(n + 1) }\ny = f(1)\n',
    });
    after(() => place.remove());

    it('go a thousand deep, and train', async () => {
      const { status, out, err } = await place.nabla('train', 'deepest.nabla', '--json');
      assert.equal(err, '');
      assert.equal(status, 0);
      // f(w) = 1 + 2 w, so the loss falls from 25.
      const first = JSON.parse(out.split('\n').find(line => line.includes('"loss"'))!) as { loss: number };
      assert.equal(first.loss, 25);
    });

    it('go no deeper, which is said where it happens', async () => {
      const { status, out } = await place.nabla('check', 'deeper.nabla');
      assert.equal(status, 1);
      assert.match(out, new RegExp(`^deeper\\.nabla:3:31: error\\[argument\\]: ${tooDeep}\\n`));
      const endless = await place.nabla('run', 'endless.nabla');
      assert.equal(endless.status, 1);
      assert.match(endless.err, new RegExp(`^endless\\.nabla:1:18: error\\[argument\\]: ${tooDeep}\\n`));
    });

    it('leave Ctrl-C as it is', async () => {
      place.write(
        'long.nabla',
        `${recursion(60)}train loss { optimizer = sgd(lr = 1e-6); steps = 100000000 }\n`,
      );
      const child = place.start('train', 'long.nabla', '--log-every', '1');
      await new Promise(resolve => child.stdout!.once('data', resolve));
      const ended = new Promise<number | null>(resolve => child.once('exit', resolve));
      child.kill('SIGINT');
      assert.equal(await ended, 130);
    });
  });

  describe('in the editor', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nabla-nesting-'));
    let engine: EngineClient;
    before(() => {
      const script = join(folder, 'engineWorker.js');
      const entry = join(__dirname, '../../../src/worker/engineWorker.ts');
      buildSync({ entryPoints: [entry], outfile: script, bundle: true, platform: 'node', format: 'cjs' });
      engine = new EngineClient({ script });
    });
    after(async () => {
      await engine.dispose();
      rmSync(folder, { recursive: true, force: true });
    });

    const said = async (version: number, text: string): Promise<string[]> => {
      const { file } = analyzeText(new Source('m.nabla', text));
      const document = { uri: 'm', version, path: join(folder, 'm.nabla'), text, file, trusted: true };
      const { diagnostics } = await engine.call({ kind: 'analyze', document, values: true });
      return diagnostics.map(({ message }) => message);
    };

    it('go a thousand deep, and no deeper', async () => {
      assert.deepEqual(await said(1, recursion(1000)), []);
      assert.deepEqual(await said(2, recursion(1001)), [tooDeep]);
    });
  });
});
