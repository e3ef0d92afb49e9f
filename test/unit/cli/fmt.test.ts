import assert from 'node:assert/strict';
import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { Place } from './terminal';

const untidy = 'w=2\nloss = w**2\ntrain loss{\nsteps=3 }\n';
const tidy = 'w = 2\nloss = w ** 2\ntrain loss {\n  steps = 3 }\n';

describe('nabla fmt', () => {
  let place: Place;
  beforeEach(() => {
    place = new Place({ 'untidy.nabla': untidy, 'tidy.nabla': tidy, 'broken.nabla': 'w=2\nloss = (w\n' });
  });
  afterEach(() => place.remove());
  const text = (name: string): string => readFileSync(place.path(name), 'utf8');

  it('formats in place, keeps the mode and leaves nothing else behind', async () => {
    chmodSync(place.path('untidy.nabla'), 0o640);
    const before = readdirSync(place.folder);
    const outcome = await place.nabla('fmt', 'untidy.nabla', 'tidy.nabla');
    assert.deepEqual(outcome, { status: 0, out: 'untidy.nabla\n', err: '' });
    assert.equal(text('untidy.nabla'), tidy);
    assert.equal(statSync(place.path('untidy.nabla')).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(place.folder), before);
  });

  it('does not write a file that is formatted', async () => {
    const { mtimeMs, ino } = statSync(place.path('tidy.nabla'));
    assert.deepEqual(await place.nabla('fmt', 'tidy.nabla'), { status: 0, out: '', err: '' });
    const after = statSync(place.path('tidy.nabla'));
    assert.deepEqual([after.mtimeMs, after.ino], [mtimeMs, ino]);
  });

  it('formats what a link points to', async () => {
    symlinkSync('untidy.nabla', place.path('link.nabla'));
    assert.equal((await place.nabla('fmt', 'link.nabla')).status, 0);
    assert.ok(lstatSync(place.path('link.nabla')).isSymbolicLink());
    assert.equal(text('untidy.nabla'), tidy);
  });

  it('lists with --check what would change, and changes nothing', async () => {
    const outcome = await place.nabla('fmt', '--check', 'tidy.nabla', 'untidy.nabla');
    assert.deepEqual(outcome, { status: 1, out: 'untidy.nabla\n', err: '' });
    assert.equal(text('untidy.nabla'), untidy);
    assert.deepEqual(await place.nabla('fmt', '--check', 'tidy.nabla'), { status: 0, out: '', err: '' });
  });

  it('leaves a file with a syntax error, says what is wrong, and formats the others', async () => {
    const { status, out, err } = await place.nabla('fmt', 'broken.nabla', 'untidy.nabla');
    assert.deepEqual([status, out], [1, 'untidy.nabla\n']);
    assert.match(err, /^broken\.nabla:2:8: error\[syntax\]: `\(` is never closed/);
    assert.equal(text('broken.nabla'), 'w=2\nloss = (w\n');
    assert.equal(text('untidy.nabla'), tidy);
  });

  it('fails for a file that is not there, and for one that is no text', async () => {
    place.write('bytes.nabla', new Uint8Array([119, 61, 0xff]));
    const { status, out, err } = await place.nabla('fmt', 'absent.nabla', 'bytes.nabla');
    assert.deepEqual([status, out], [1, '']);
    assert.match(err, /absent\.nabla: there is no such file/);
    assert.match(err, /bytes\.nabla:1:1: error\[text-encoding\]/);
  });

  it('keeps CRLF', async () => {
    place.write('crlf.nabla', 'w=2\r\nloss=w\r\n');
    await place.nabla('fmt', 'crlf.nabla');
    assert.equal(text('crlf.nabla'), 'w = 2\r\nloss = w\r\n');
  });
});
