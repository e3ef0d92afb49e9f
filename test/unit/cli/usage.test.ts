import assert from 'node:assert/strict';
import { version } from '../../../package.json';
import { Place } from './terminal';

describe('the command line', () => {
  const place = new Place({ 'model.nabla': 'w = 2\nloss = w ** 2\n' });
  after(() => place.remove());

  it('prints help and fails without arguments', async () => {
    const { status, out, err } = await place.nabla();
    assert.equal(status, 2);
    assert.equal(out, '');
    for (const command of ['check', 'run', 'train', 'tune', 'gradcheck', 'graph', 'predict', 'fmt'])
      assert.match(err, new RegExp(`nabla ${command}`));
  });

  for (const args of [
    ['--help'],
    ['-h'],
    ['help'],
    ['run', '--help'],
    ['help', 'train'],
    ['train', 'model.nabla', '-h'],
  ]) {
    it(`helps on ${args.join(' ')}`, async () => {
      const { status, out, err } = await place.nabla(...args);
      assert.deepEqual([status, err], [0, '']);
      assert.match(out, /nabla/);
    });
  }

  it('lists the options of a command', async () => {
    const { out } = await place.nabla('train', '--help');
    for (const option of [
      '--json',
      '--params-json',
      '--feed',
      '--params',
      '--steps',
      '--seed',
      '--log-every',
      '--out',
      '--resume',
      '--backend',
      '--threads',
    ]) {
      assert.ok(out.includes(option), option);
    }
  });

  it('knows its version', async () => {
    assert.deepEqual(await place.nabla('--version'), { status: 0, out: `${version}\n`, err: '' });
  });

  const wrong: readonly [args: string[], message: RegExp][] = [
    [['runn', 'model.nabla'], /no command `runn`; did you mean run\?/],
    [['model.nabla'], /a command comes before the file: nabla run model\.nabla/],
    [['--jsn'], /a command comes first/],
    [['run'], /needs a model file/],
    [['check'], /needs a model file/],
    [['fmt', '--check'], /needs a model file/],
    [['predict'], /needs a model file/],
    [['predict', 'model.nabla'], /needs the trained parameters: --params FILE\.safetensors/],
    [['predict', 'model.nabla', '--params', 'a', '--json', '--csv'], /--json and --csv exclude each other/],
    [['run', 'model.nabla', 'b.nabla'], /takes one model file, and `b\.nabla` is a second/],
    [['run', 'model.nabla', '--jsn'], /no option --jsn; did you mean --json\?/],
    [['run', 'model.nabla', '--steps', '3'], /no option --steps/],
    [['run', 'model.nabla', '--seed'], /--seed needs a value/],
    [['train', 'model.nabla', '--steps', '--json'], /--steps needs a value/],
    [['train', 'model.nabla', '--steps', '0'], /whole number from 1, not `0`/],
    [['train', 'model.nabla', '--steps', '1.5'], /whole number from 1/],
    [['train', 'model.nabla', '--log-every', 'x'], /whole number from 1/],
    [['run', 'model.nabla', '--json=yes'], /--json takes no value/],
    [['run', 'model.nabla', '--mode', 'evl'], /--mode is train or eval, not `evl`; did you mean eval\?/],
    [['run', 'model.nabla', '--feed', 'x'], /--feed is NAME=FILE\.json/],
    [['graph', 'model.nabla', '--format', 'png'], /--format is svg or json or dot or html/],
    [['train', 'model.nabla', '--threads', '0'], /whole number from 1, not `0`/],
    [
      ['train', 'model.nabla', '--backend', 'onx'],
      /--backend is auto or js or onnx or webgpu, not `onx`; did you mean onnx/,
    ],
    ...['export'].map((name): [string[], RegExp] => [
      [name, 'model.nabla'],
      new RegExp(`does not have \`nabla ${name}\` yet`),
    ]),
  ];
  for (const [args, message] of wrong) {
    it(`refuses ${args.join(' ')}`, async () => {
      const { status, out, err } = await place.nabla(...args);
      assert.equal(status, 2);
      assert.equal(out, '');
      assert.match(err, message);
      assert.match(err, /^nabla: [^\n]+\n$/, 'one line');
    });
  }

  for (const command of ['check', 'run', 'train', 'tune', 'gradcheck', 'graph', 'fmt']) {
    it(`${command} says that a file does not exist`, async () => {
      const { status, out, err } = await place.nabla(command, 'nowhere.nabla');
      assert.deepEqual([status, out], [1, '']);
      assert.equal(err, 'nabla: nowhere.nabla: there is no such file\n');
    });
    it(`${command} says that a file is a folder`, async () => {
      const { status, err } = await place.nabla(command, '.');
      assert.equal(status, 1);
      assert.match(err, /this is a folder/);
    });
  }
});
