import assert from 'node:assert/strict';
import { Source } from '../../../src/language/source';
import { analyzeText } from '../../../src/language/text';
import { createEngine, type Engine } from '../../../src/worker/handler';
import type { Event, GradcheckReport } from '../../../src/worker/protocol';

/** Large enough that a check takes more than a tenth of a second. */
const text = `param x : [16, 40] ~ normal()
h = x
for i in 0..4 {
  h = dense(h, 40, act = tanh)
}
loss = sum(h ** 2)
`;

async function opened(emit: (event: Event) => void): Promise<Engine> {
  const engine = createEngine(emit);
  const { file } = analyzeText(new Source('deep.nabla', text));
  const document = { uri: 'deep.nabla', version: 1, path: '/tmp/deep.nabla', text, file, trusted: true };
  await engine.handle({ kind: 'analyze', document, values: false }, () => false);
  return engine;
}

const request = { kind: 'gradcheck', uri: 'deep.nabla', version: 1 } as const;

describe('a check of gradients on the worker', function () {
  this.timeout(60_000);

  it('tells how far it is, and answers others meanwhile', async () => {
    const shares: number[] = [];
    const engine = await opened(event => void (event.kind === 'gradcheck' && shares.push(event.progress)));
    let answered = 0;
    let done = false;
    const check = engine.handle(request, () => false).finally(() => (done = true));
    while (!done) {
      await engine.handle({ kind: 'values', uri: request.uri, version: 1 }, () => false);
      answered++;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    const report = (await check) as GradcheckReport;
    assert.ok(report.pass);
    assert.ok(answered > 1, `${answered} questions answered`);
    assert.ok(shares.length > 1, `${shares.length} events`);
    assert.ok(shares.every((share, i) => share > (shares[i - 1] ?? 0) && share <= 1));
  });

  it('ends when it is cancelled', async () => {
    const engine = await opened(() => {});
    let asked = 0;
    await assert.rejects(
      engine.handle(request, () => ++asked > 3),
      /cancelled/,
    );
    assert.ok(asked < 10, 'at once');
  });
});
