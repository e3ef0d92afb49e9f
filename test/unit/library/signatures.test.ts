import assert from 'node:assert/strict';
import { foreignNames } from '../../../src/language/foreignNames';
import { contextsOf, type SignatureContext, signature, signatures } from '../../../src/library/signatures';
import { define } from '../../../src/library/signatures/define';
import { trainKeys } from '../../../src/library/trainKeys';

const named: [context: SignatureContext, names: string][] = [
  [
    'expression',
    `exp log log2 log10 log1p xlogy sqrt square abs sign sin cos tan tanh sigmoid relu leaky_relu prelu elu gelu silu
    softplus maximum minimum clip where floor round erf atan isnan float int bool
    sum mean max min prod norm var std logsumexp argmax argmin cumsum all any
    reshape transpose flatten concat stack squeeze expand pad broadcast_to size one_hot take flip sort argsort tril arange
    linspace zeros ones full zeros_like eye dot outer matmul solve inv det lstsq
    grad jacobian hessian jvp vjp numeric_grad stop_gradient
    softmax log_softmax dense conv2d conv conv1d max_pool2d avg_pool2d batch_norm layer_norm dropout embedding rnn lstm gru
    attention mse mae huber cross_entropy bce logistic hinge nll kl_div entropy l1 l2 accuracy confusion r2 knn
    standardize minmax train_rows test_rows fillna`,
  ],
  ['initializer', 'zeros ones full normal uniform xavier glorot he orthogonal'],
  [
    'data source',
    'csv parquet jsonl npy npz idx cifar10 images moons circles spiral blobs xor linear sine dropna',
  ],
  ['optimizer', 'sgd adagrad adadelta rmsprop adam adamw newton lbfgs random_search local_search genetic'],
  ['schedule', 'constant step exponential cosine warmup'],
  ['search', 'choice uniform log_uniform'],
];

describe('The table of built-ins', () => {
  for (const [context, names] of named) {
    it(`holds every ${context} of the language, and nothing else`, () => {
      assert.deepEqual(
        signatures(context)
          .map(entry => entry.name)
          .sort(),
        names.split(/\s+/).sort(),
      );
    });
  }

  it('documents every entry and its parameters', () => {
    for (const [context] of named) {
      for (const { name, doc, parameters } of signatures(context)) {
        assert.match(doc, /^\S.*[.)]$/, name);
        const names = parameters.map(parameter => parameter.name);
        assert.equal(new Set(names).size, names.length, name);
        const firstOptional = parameters.findIndex(p => p.default !== undefined);
        const lastRequired = parameters.findLastIndex(p => p.default === undefined);
        assert.ok(firstOptional < 0 || firstOptional > lastRequired, `${name}: required after optional`);
      }
    }
  });

  it('reads a name by where it stands', () => {
    assert.deepEqual(
      signature('zeros')?.parameters.map(p => p.name),
      ['shape'],
    );
    assert.deepEqual(
      signature('zeros', 'initializer')?.parameters.map(p => p.name),
      ['seed'],
    );
    assert.equal(signature('adam'), undefined);
    assert.equal(signature('constructor'), undefined);
  });

  it('is written as the manual writes signatures', () => {
    assert.deepEqual(
      define('loss', 'f(x, ...rest, p: number = 0.5, betas: shape = [0.9, 1], w: word a|b = a)', 'Doc.')
        .parameters,
      [
        { name: 'x' },
        { name: 'rest', variadic: true },
        { name: 'p', kind: 'number', default: '0.5' },
        { name: 'betas', kind: 'shape', default: '[0.9, 1]' },
        { name: 'w', kind: 'word', default: 'a', choices: ['a', 'b'] },
      ],
    );
  });

  it('holds what the names of other libraries are translated to', () => {
    for (const [foreign, name] of Object.entries(foreignNames)) {
      assert.ok(contextsOf(name).length > 0, `${foreign}: ${name}`);
      assert.equal(contextsOf(foreign).length, 0, `${foreign} is a name of the language`);
    }
  });

  it('has the keys of train', () => {
    const keys =
      'optimizer batch epochs steps split shuffle seed drop_last schedule clip_norm clip_value metrics params early_stop precision checkpoint';
    assert.deepEqual(trainKeys.map(key => key.name).sort(), keys.split(' ').sort());
  });
});
