import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Model texts that use every statement form of the language once. */
export const iris = `# Two-layer perceptron on Fisher's irises.
data iris = csv("data/iris.csv")

input x : [N, 4]   = standardize(iris[:, 0:4])
input y : [N] int  = iris["species"]

h      = dense(x, 16, act = tanh)          # owns parameters h.W and h.b
param W : [16, 3] ~ xavier()
param b : [3]     ~ zeros()
logits = h @ W + b
loss   = cross_entropy(logits, y) + 1e-4 * l2(W)

check grad(loss, b) ~= mean(softmax(logits) - one_hot(y, 3), axis = 0)

train loss {
  optimizer = adam(lr = 0.01)
  batch     = 32
  epochs    = 60
  split     = 0.8
  metrics   = [accuracy(logits, y)]
}
`;

export const everything = `import "layers.nabla"

# Halves a value,
# twice if wanted.
fn half(a, times = 1) {
  if times > 1 { return a / 4 } else { return a / 2 }
}

layer block(x, units) {
  param W : [size(x, 1), units] ~ he(seed = 3)
  h = relu(x @ W)
  return h
}

layer cell = lstm(units = 8)

optimizer heavy(lr = 0.1, mass = 0.9) (p, g) {
  state v = zeros_like(p)
  v = mass * v + g
  return p - lr * v / (1 - mass ** step)
}

input s : [N, T, 3]
input m : [N] bool
param θ : [] = -1.5
param w = [1, -2, 0]

z = half(θ, times = 2) if mean(s) > 0.5 else
    θ ** -2
stack_of = concat(
  s[..., 0:2], s[:, none, ::-1][:, 0],
  axis = -1,
)
for t in 0..3 {
  ys[t] = tanh(s[:, t] @ w) ; total = t
}
for v in w { last = v * pi }
k = 0
while k < 3 and not (k == 2) { k = k + 1 }
u = block(s[:, 0], units = 4)
o = cell(s)
loss = sum(u)
  @ 1 + l2(u.W) * sum(ys) + mean(o.T) + z
check grad(loss, θ) ~= numeric_grad(loss, θ) (tol = 1e-4)

train loss {
  optimizer = heavy(lr = 0.5); batch = full; steps = 20
  schedule = 1 / (1 + 0.3 * k)
}
tune { lr = log_uniform(1e-4, 1e-1); trials = 20; folds = 5; search = random }
`;

export const broken = `h = dense(x,
b = 3
param W : [4, 3 ~ xavier(
train loss { optimizer = adam(lr = , batch 32
}
def f(x):
    return x.sum()
z = x && !y ^ 2 // two
+ 3
“text” ＝ ５ × x₁
if x > 0: y = 1
`;

/** The corpus of the fuzz tests: the texts above and every example. */
export function corpus(): string[] {
  const folder = join(__dirname, '../../../examples');
  const examples = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.nabla'))
    .map(name => readFileSync(join(folder, name), 'utf8'));
  return [iris, everything, broken, ...examples];
}
