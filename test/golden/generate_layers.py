"""Golden values and derivatives of layers from PyTorch in float64; see generate.py, whose cases these are.

    /usr/bin/python3 test/golden/generate_layers.py

writes layers.json next to this file, and training/convolution.json: a few steps of a small convolutional net with
batch normalisation, its running statistics after each, and its loss in evaluation.
"""

import json
import os

import torch
import torch.nn.functional as F

from generate import case, inf, normal, t, write


def convolutions():
    f = "layers"
    image, kernel = normal(2, 3, 6, 5), normal(4, 3, 3, 2)
    case(f, "conv2d(a, b)", F.conv2d, image, kernel)
    case(f, "conv2d(a, b, c, stride = 2)", lambda a, b, c: F.conv2d(a, b, c, stride=2), image, kernel, normal(4))
    case(f, "conv2d(a, b, stride = [2, 1], padding = [1, 2])", lambda a, b: F.conv2d(a, b, stride=(2, 1), padding=(1, 2)), image, kernel)
    case(f, "conv2d(a, b, padding = 2, dilation = [2, 3])", lambda a, b: F.conv2d(a, b, padding=2, dilation=(2, 3)), image, kernel)
    grouped = normal(2, 4, 5, 5)
    case(f, "conv2d(a, b, c, padding = 1, groups = 2)", lambda a, b, c: F.conv2d(a, b, c, padding=1, groups=2), grouped, normal(6, 2, 3, 3), normal(6))
    case(f, "conv2d(a, b, stride = 2, groups = 4)", lambda a, b: F.conv2d(a, b, stride=2, groups=4), grouped, normal(4, 1, 2, 2))
    case(f, "conv2d(a, b)", F.conv2d, normal(1, 1, 3, 3), normal(1, 1, 3, 3))
    sequence = normal(2, 4, 7)
    case(f, "conv1d(a, b, c)", F.conv1d, sequence, normal(3, 4, 3), normal(3))
    case(f, "conv1d(a, b, stride = 2, padding = 2, dilation = 2, groups = 2)", lambda a, b: F.conv1d(a, b, stride=2, padding=2, dilation=2, groups=2), sequence, normal(4, 2, 3))
    case(f, "conv(a, 4, [3, 2], act = tanh, W = b, b = c)", lambda a, b, c: torch.tanh(F.conv2d(a, b, c)), image, kernel, normal(4))
    case(f, "conv(a, 4, 3, stride = 2, padding = 1, groups = 2, bias = false, W = b)", lambda a, b: F.conv2d(a, b, stride=2, padding=1, groups=2), grouped, normal(4, 2, 3, 3))


def pools():
    f = "layers"
    image = normal(2, 3, 5, 6)
    ties = t([[[[1.0, 1.0, 0.0, 2.0], [1.0, 1.0, 2.0, 2.0], [-1.0, -1.0, 3.0, 0.0], [-1.0, -2.0, 0.0, 3.0]]]])
    case(f, "max_pool2d(a, 2)", lambda a: F.max_pool2d(a, 2), image)
    case(f, "max_pool2d(a, [3, 2], stride = [1, 2])", lambda a: F.max_pool2d(a, (3, 2), stride=(1, 2)), image)
    case(f, "max_pool2d(a, 3, stride = 2, padding = 1)", lambda a: F.max_pool2d(a, 3, stride=2, padding=1), image)
    # Equal values: the first place of the window gets the gradient; overlapping windows add up.
    case(f, "max_pool2d(a, 2)", lambda a: F.max_pool2d(a, 2), ties)
    case(f, "max_pool2d(a, 2, stride = 1)", lambda a: F.max_pool2d(a, 2, stride=1), ties)
    case(f, "max_pool2d(a, 2, padding = 1)", lambda a: F.max_pool2d(a, 2, padding=1), t([[[[-1.0, -1.0], [-1.0, -1.0]]]]))
    case(f, "max_pool2d(a, 2)", lambda a: F.max_pool2d(a, 2), t([[[[-inf, -inf], [-inf, -inf]]]]))
    case(f, "max_pool2d(a, 2)", lambda a: F.max_pool2d(a, 2), normal(3, 4, 4))
    case(f, "avg_pool2d(a, 2)", lambda a: F.avg_pool2d(a, 2), image)
    case(f, "avg_pool2d(a, 3, stride = [2, 1], padding = 1)", lambda a: F.avg_pool2d(a, 3, stride=(2, 1), padding=1), image)
    case(f, "avg_pool2d(a, 3, stride = 2, padding = 1, count_padding = false)", lambda a: F.avg_pool2d(a, 3, stride=2, padding=1, count_include_pad=False), image)


def normalization():
    f = "layers"
    images, rows = normal(3, 2, 2, 2), normal(5, 3)
    case(f, "batch_norm(a, gamma = b, beta = c)", lambda a, b, c: F.batch_norm(a, None, None, b, c, training=True), images, normal(2), normal(2))
    case(f, "batch_norm(a, eps = 0.1, gamma = b, beta = c)", lambda a, b, c: F.batch_norm(a, None, None, b, c, training=True, eps=0.1), rows, normal(3), normal(3))
    case(f, "batch_norm(a, training = false, gamma = b, beta = c)", lambda a, b, c: F.batch_norm(a, torch.zeros(2), torch.ones(2), b, c), images, normal(2), normal(2))
    case(f, "layer_norm(a, gamma = b, beta = c)", lambda a, b, c: F.layer_norm(a, (3,), b, c), normal(2, 2, 3), normal(3), normal(3))
    case(f, "layer_norm(a, eps = 0.01, gamma = b, beta = c)", lambda a, b, c: F.layer_norm(a, (4,), b, c, eps=0.01), normal(3, 4), normal(4), normal(4))
    case(f, "dropout(a, 0.25, mask = b)", lambda a, b: a * b / 0.75, normal(2, 3), t([[1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]))
    case(f, "dropout(a, 0.25, training = false)", lambda a: a * 1, normal(2, 3))


def sequences():
    f = "layers"
    case(f, "embedding(a, 5, 3, W = b)", F.embedding, t([[4, 0], [0, 2]]), normal(5, 3))
    q, k, v = normal(2, 3, 4), normal(2, 5, 4), normal(2, 5, 2)
    case(f, "attention(a, b, c)", lambda a, b, c: torch.softmax(a @ b.mT / 2, -1) @ c, q, k, v)
    case(f, "attention(a, b, c, mask = d)", lambda a, b, c, d: torch.softmax(a @ b.mT / 2 + d, -1) @ c, q, k, v, normal(3, 5))
    seen = torch.ones(3, 5).tril(1).bool()
    case(f, "attention(a, b, c, mask = d)", lambda a, b, c, d: torch.softmax((a @ b.mT / 2).masked_fill(~d, -inf), -1) @ c, q, k, v, seen)

    x = normal(2, 4, 3)

    def rnn(x, W, b, h, lengths=None):
        return unroll(x, (h,), lengths, lambda x, h: (torch.tanh(torch.cat([h, x], 1) @ W + b),))[0]

    def lstm(x, W, b, h, c, lengths=None):
        def step(x, h, c):
            i, f, o, g = (torch.cat([h, x], 1) @ W + b).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            return torch.sigmoid(o) * torch.tanh(c), c

        return unroll(x, (h, c), lengths, step)[0]

    def gru(x, Wz, Wr, Wh, Uz, Ur, Uh, bz, br, bh):
        def step(x, h):
            z = torch.sigmoid(x @ Wz + h @ Uz + bz)
            r = torch.sigmoid(x @ Wr + h @ Ur + br)
            return ((1 - z) * h + z * torch.tanh(x @ Wh + (r * h) @ Uh + bh),)

        return unroll(x, (torch.zeros(2, 2),), None, step)[0]

    zero = torch.zeros(2, 2)
    case(f, "rnn(a, 2, W = b, b = c)", lambda a, b, c: rnn(a, b, c, zero), x, normal(5, 2), normal(2))
    case(f, "rnn(a, 2, h0 = d, W = b, b = c)", rnn, x, normal(5, 2), normal(2), normal(2, 2))
    case(f, "rnn(a, 2, lengths = d, W = b, b = c)", lambda a, b, c, d: rnn(a, b, c, zero, d), x, normal(5, 2), normal(2), t([1, 3]))
    case(f, "lstm(a, 2, W = b, b = c)", lambda a, b, c: lstm(a, b, c, zero, zero), x, normal(5, 8), normal(8))
    case(f, "lstm(a, 2, h0 = d, c0 = e, W = b, b = c)", lstm, x, normal(5, 8), normal(8), normal(2, 2), normal(2, 2))
    case(f, "lstm(a, 2, lengths = d, W = b, b = c)", lambda a, b, c, d: lstm(a, b, c, zero, zero, d), x, normal(5, 8), normal(8), t([4, 2]))
    weights = [normal(3, 2) for _ in range(3)] + [normal(2, 2) for _ in range(3)] + [normal(2) for _ in range(3)]
    case(f, "gru(a, 2, Wz = b, Wr = c, Wh = d, Uz = e, Ur = f, Uh = g, bz = h, br = i, bh = j)", gru, x, *weights)


def unroll(x, state, lengths, step):
    """The states after every step, as `[N, T, units]`; past a row's length its state stays."""
    sequences = []
    for at in range(x.shape[1]):
        following = step(x[:, at], *state)
        if lengths is not None:
            running = (at < lengths)[:, None]
            following = tuple(torch.where(running, new, old) for new, old in zip(following, state))
        state = following
        sequences.append(state)
    return [torch.stack(each, 1) for each in zip(*sequences)]


def training():
    """Steps of plain descent; running statistics move by 0.3, towards the unbiased variance."""
    x, y = normal(6, 1, 5, 5), t([0, 2, 1, 1, 0, 2])
    start = {"c.W": normal(3, 1, 2, 2), "c.b": normal(3), "n.gamma": normal(3), "n.beta": normal(3), "logits.W": normal(12, 3), "logits.b": normal(3)}
    parameters = {name: value.clone().requires_grad_() for name, value in start.items()}
    mean, variance = torch.zeros(3), torch.ones(3)

    def loss(training):
        p = parameters
        c = F.conv2d(x, p["c.W"], p["c.b"])
        n = F.batch_norm(c, mean, variance, p["n.gamma"], p["n.beta"], training=training, momentum=0.3)
        m = F.max_pool2d(torch.tanh(n), 2)
        return F.cross_entropy(m.flatten(1) @ p["logits.W"] + p["logits.b"], y)

    steps = []
    for _ in range(5):
        value = loss(True)
        gradients = torch.autograd.grad(value, list(parameters.values()))
        with torch.no_grad():
            for p, g in zip(parameters.values(), gradients):
                p -= 0.2 * g
        saved = {**parameters, "n.running_mean": mean, "n.running_var": variance}
        steps.append({
            "loss": value.item(),
            "evaluated": loss(False).item(),
            "saved": {name: v.detach().flatten().tolist() for name, v in saved.items()},
        })
    record = {
        "x": x.tolist(),
        "y": y.tolist(),
        "start": {name: v.flatten().tolist() for name, v in start.items()},
        "steps": steps,
    }
    folder = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(folder, "training", "convolution.json"), "w") as out:
        json.dump(record, out, separators=(",", ":"))
        out.write("\n")


if __name__ == "__main__":
    write(convolutions, pools, normalization, sequences)
    training()
