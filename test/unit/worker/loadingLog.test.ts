import assert from 'node:assert/strict';
import { loadingLog } from '../../../src/worker/loadingLog';
import type { Event } from '../../../src/worker/protocol';

describe('the log of loading', () => {
  it('speaks of slow sources now and then', () => {
    const events: Event[] = [];
    let time = 0;
    const log = loadingLog(
      event => events.push(event),
      () => time,
    );
    const progress = log({ kind: 'csv', arguments: { path: 'flights.csv' } });
    for (; time <= 4000; time += 100) progress(time, 8000);
    assert.deepEqual(
      events.map(event => event.kind === 'log' && event.message),
      ['reading csv "flights.csv": 12 %', 'reading csv "flights.csv": 37 %'],
    );
  });
});
