// An engine worker that behaves as the text of the document asks: for tests of the supervisor.
const { parentPort } = require('node:worker_threads');

const texts = new Map();
const order = [];

const behaviours = {
  exit: () => process.exit(3),
  throw: () =>
    setTimeout(() => {
      throw new Error('thrown outside of any request');
    }),
  hang: () => {
    for (;;);
  },
  fail: ({ id }) =>
    parentPort.postMessage({ id, ok: false, error: { message: 'no such node', cancelled: false } }),
  late: message => setTimeout(() => answer(message), 100),
  twice: message => {
    answer(message);
    answer(message);
  },
  event: message => {
    parentPort.postMessage({ event: { kind: 'log', level: 'info', message: 'hello' } });
    answer(message);
  },
  untilCancelled: message => {
    const flag = new Int32Array(message.cancel);
    const timer = setInterval(() => {
      if (Atomics.load(flag, 0) === 0) return;
      clearInterval(timer);
      parentPort.postMessage({ id: message.id, ok: false, error: { message: 'stopped', cancelled: true } });
    }, 5);
  },
  stubborn: message => setTimeout(() => answer(message), 400),
};

function answer({ id, request }) {
  parentPort.postMessage({ id, ok: true, result: { echo: request.kind, order: [...order] } });
}

parentPort.on('message', message => {
  const { request } = message;
  order.push(request.kind);
  if (request.kind === 'analyze') {
    texts.set(request.document.uri, request.document.text);
    answer(message);
    return;
  }
  (behaviours[texts.get(request.uri)] ?? answer)(message);
});
