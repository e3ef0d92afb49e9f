/**
 * A model file of about `lines` lines as somebody might write it: data, inputs, functions, layers of its own, block
 * after block with names for everything in between, checks, and how to train.
 */
export function longModel(lines: number): string {
  const count = blocksOf(lines);
  const blocks = Array.from({ length: count }, (_, i) => block(i + 1)).flat();
  return [...HEAD, ...blocks, ...FOOT.map(line => line.replaceAll('LAST', String(count)))].join('\n');
}

/** How many blocks such a model has. */
export function blocksOf(lines: number): number {
  return Math.max(1, Math.floor((lines - HEAD.length - FOOT.length) / block(1).length));
}

const HEAD = `# Handwritten digits through a deep net of gated residual blocks.
data digits = csv("data/digits.csv.gz")

# 64 grey values from 0 to 16, a row an image.
input pixels : [N, 64] = digits[:, 0:64] / 16
input y : [N] int      = digits["digit"]

# What is tried out: everything else follows from these.
width  = int(32)
shrink = 0.5
slope  = 0.05
decay  = 1e-4

# A smooth gate between 0 and 1.
fn gate(a, sharpness = 1) {
  scaled = sharpness * a
  return sigmoid(scaled)
}

# Zero mean and unit length over the features.
fn unit(a) {
  centred = a - mean(a, axis = 1, keepdims = true)
  length  = sqrt(sum(centred ** 2, axis = 1, keepdims = true) + 1e-6)
  return centred / length
}

# How evenly the units are used.
fn evenness(a) {
  share = softmax(mean(a, axis = 0))
  return sum(entropy(share))
}

# Two dense layers around a rectifier, added back to what came in.
layer residual(x, units) {
  inner = dense(x, units, act = relu)
  outer = dense(inner, 32)
  return x + 0.1 * outer
}

# A layer whose output is weighed by a gate of its own.
layer gated(x, units) {
  value = dense(x, units, act = tanh)
  open  = gate(dense(x, units))
  return value * open
}

h0 = dense(pixels, width, act = relu)
e0 = 0
`.split('\n');

function block(k: number): string[] {
  return `# Block ${k}: normalise, gate, and add back.
n${k}     = layer_norm(h${k - 1})
a${k}     = gated(n${k}, 32)
param s${k} : [32] ~ ones()
r${k}     = residual(a${k} * s${k}, 32)
u${k}     = unit(r${k})
h${k}     = h${k - 1} + shrink * leaky_relu(u${k}, slope)
e${k}     = e${k - 1} + evenness(a${k})
`.split('\n');
}

const FOOT = `# Scores, and what they are worth.
logits  = dense(hLAST, 10)
p       = softmax(logits)
fit     = cross_entropy(logits, y)
penalty = decay * l2() - decay * eLAST
loss    = fit + penalty

# Probabilities minus truth, shared by the images.
check grad(fit, logits) ~= (p - one_hot(y, 10)) / size(pixels, 0)
check sum(p, axis = 1) ~= 1

train loss {
  optimizer = adam(lr = 0.01)
  schedule  = cosine(300, min = 0.1)
  batch     = 64
  epochs    = 10
  split     = 0.8
  metrics   = [accuracy(logits, y)]
}
`.split('\n');
