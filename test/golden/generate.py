"""Golden values and derivatives from PyTorch in float64, for the expressions of the model language.

    apt-get install -y --no-install-recommends python3-torch python3-numpy   (written with PyTorch 1.13)
    /usr/bin/python3 test/golden/generate.py

writes *.json next to this file. A case is an expression in the model language, the same in PyTorch, and
operands. Recorded are the value y, the gradients of <u, y>, and the gradients of <v, those gradients> (the second
derivative along v), where u and v are the fixed weights below; the tests compute the same from the expression.
"""

import json
import math
import os

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
inf = math.inf


def u(n):
    return [((7 * i) % 5 - 1.5) / 2 for i in range(n)]


def v(n):
    return [((3 * i) % 7 - 2.5) / 3 for i in range(n)]


def weights(f, like):
    return torch.tensor(f(like.numel())).reshape(like.shape)


# ---- operands

generator = torch.Generator().manual_seed(20)


def normal(*shape):
    """Random numbers with three decimals, so that a failure can be read."""
    return (torch.randn(shape, generator=generator) * 1000).round() / 1000


def between(low, high, *shape):
    return ((low + (high - low) * torch.rand(shape, generator=generator)) * 1000).round() / 1000


def t(*values):
    return torch.tensor(values[0] if len(values) == 1 else values)


kinks = [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0]
wide = [-750.0, -40.0, -9.0, -1.5, -1e-9, 0.0, 1e-9, 0.3, 1.5, 9.0, 40.0, 750.0]

files = {}


def case(file, expression, f, *operands, second=True):
    """Operands are called a, b, c, ... in the expression; tensors of whole numbers are int, of truth values bool."""
    leaves = [x.clone().requires_grad_() if x.is_floating_point() else x for x in operands]
    y = f(*leaves)
    record = {"expression": expression, "operands": [tensor(x) for x in operands], "value": tensor(y)}
    floats = [x for x in leaves if x.is_floating_point()]
    if y.requires_grad:
        first = gradients(y, u, floats)
        record["gradients"] = [numbers(g) for g in first]
        if second:
            scalar = sum((weights(v, g) * g).sum() for g in first)
            record["second"] = [numbers(g) for g in gradients(scalar, lambda n: [1.0] * n, floats)]
    files.setdefault(file, []).append(record)


def gradients(y, seed, wrt):
    if not y.requires_grad:
        return [torch.zeros_like(x) for x in wrt]
    found = torch.autograd.grad(
        y, wrt, grad_outputs=weights(seed, y), create_graph=True, allow_unused=True
    )
    return [torch.zeros_like(x) if g is None else g for x, g in zip(wrt, found)]


def tensor(x):
    kind = "float" if x.is_floating_point() else "bool" if x.dtype == torch.bool else "int"
    return {"dtype": kind, "shape": list(x.shape), "data": numbers(x)}


def numbers(x):
    def plain(number):
        if isinstance(number, float) and not math.isfinite(number):
            return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
        if isinstance(number, float) and number == int(number) and abs(number) < 1e15:
            return int(number)
        return int(number) if isinstance(number, bool) else number

    # PyTorch keeps some zeros without storage; the sum gives them one.
    if x.is_floating_point():
        x = x.detach() + torch.zeros(x.shape)
    return [plain(number) for number in x.flatten().tolist()]


# ---- elementwise

def elementwise():
    e = "elementwise"
    for name in ["exp", "tanh", "sigmoid", "sin", "cos", "atan", "erf", "square"]:
        case(e, f"{name}(a)", getattr(torch, name), t(kinks))
    # Past 20 PyTorch's softplus is the line itself, which differs in the tenth digit.
    case(e, "softplus(a)", F.softplus, t([-750.0, -40.0, -9.0, -1.5, 0.0, 0.3, 9.0, 40.0, 750.0]))
    for name in ["tanh", "sigmoid", "erf"]:
        case(e, f"{name}(a)", getattr(torch, name), t(wide))
    case(e, "exp(a)", torch.exp, t([-800.0, -30.0, 30.0, 709.0]))
    case(e, "tan(a)", torch.tan, t([-1.5, -0.7, 0.0, 0.7, 1.5]))
    for name in ["log", "sqrt"]:
        case(e, f"{name}(a)", getattr(torch, name), t([1e-300, 1e-8, 0.5, 1.0, 2.0, 1e8]))
        case(e, f"{name}(a)", getattr(torch, name), t([0.0, 1.0]), second=False)
    case(e, "log(a)", torch.log, t([-1.0]), second=False)
    case(e, "log1p(a)", torch.log1p, t([-0.5, -1e-12, 0.0, 1e-12, 3.0]))
    case(e, "log2(a)", torch.log2, t([0.25, 1.0, 10.0]))
    case(e, "log10(a)", torch.log10, t([0.25, 1.0, 10.0]))
    for name in ["abs", "sign", "relu", "floor"]:
        case(e, f"{name}(a)", getattr(torch, name), t(kinks))
    case(e, "round(a)", torch.round, t([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4, 2.6]))
    case(e, "leaky_relu(a)", F.leaky_relu, t(kinks))
    case(e, "leaky_relu(a, alpha = 0.2)", lambda a: F.leaky_relu(a, 0.2), t(kinks))
    case(e, "elu(a)", F.elu, t(kinks + [-30.0, 30.0]))
    case(e, "elu(a, alpha = 0.5)", lambda a: F.elu(a, 0.5), t(kinks))
    case(e, "gelu(a)", F.gelu, t(kinks))
    case(e, "silu(a)", F.silu, t(kinks))
    case(e, "-a", lambda a: -a, t(kinks))
    case(e, "isnan(a)", torch.isnan, t([0.0, math.nan, inf]))
    case(e, "stop_gradient(a) * a", lambda a: a.detach() * a, t(kinks))

    for sign in ["+", "-", "*", "/"]:
        f = eval(f"lambda a, b: a {sign} b")
        for shapes in [[(2, 3), (2, 3)], [(2, 3), (3,)], [(2, 3), (2, 1)], [(2, 3), ()], [(3, 1), (1, 2)], [(), (2, 2)]]:
            case(e, f"a {sign} b", f, normal(*shapes[0]), normal(*shapes[1]))
    case(e, "a / b", lambda a, b: a / b, t(1.0, -1.0, 0.0), t(0.0, 0.0, 0.0), second=False)
    case(e, "a + b", lambda a, b: a + b, t([1, 2, 3]), normal(3))
    case(e, "a * b", lambda a, b: a * b, t([[1, 2, 3]]), normal(2, 1))
    case(e, "a // b", lambda a, b: torch.div(a, b, rounding_mode="floor"), t(7, -7, 7, -7), t(2, 2, -2, -2))
    case(e, "a % b", torch.remainder, t(7, -7, 7, -7), t(2, 2, -2, -2))
    case(e, "a // b", lambda a, b: torch.div(a, b, rounding_mode="floor"), t(7.5, -7.5, 7.5, -7.5, 1.0), t(2.0, 2.0, -2.0, -2.0, 0.1))
    case(e, "a % b", torch.remainder, t(7.5, -7.5, 7.5, -7.5, 0.25), t(2.0, 2.0, -2.0, -2.0, 1.0))

    case(e, "a ** 2", lambda a: a ** 2, t(kinks))
    case(e, "a ** 3", lambda a: a ** 3, t(kinks))
    case(e, "a ** 0", lambda a: a ** 0, t(kinks))
    case(e, "a ** 1", lambda a: a ** 1, t(kinks))
    case(e, "a ** 0.5", lambda a: a ** 0.5, t(0.25, 1.0, 4.0))
    case(e, "a ** -1", lambda a: a ** -1, t(-2.0, 0.5, 4.0))
    case(e, "2 ** a", lambda a: 2 ** a, t(kinks))
    case(e, "a ** b", lambda a, b: a ** b, between(0.2, 3, 2, 3), normal(3))
    case(e, "a ** b", lambda a, b: a ** b, t(0.0, 0.0, 2.0, 1.0), t(0.0, 2.0, 0.0, 3.0), second=False)
    case(e, "a ** b", lambda a, b: a ** b, t(1.0, 1.0, -1.0), t(inf, 0.0, 2.0), second=False)

    case(e, "maximum(a, b)", torch.maximum, t(kinks), t([-1.0, -1.0, 0.0, 0.0, 0.0, 1.0, 3.0]))
    case(e, "minimum(a, b)", torch.minimum, t(kinks), t([-1.0, -1.0, 0.0, 0.0, 0.0, 1.0, 3.0]))
    case(e, "maximum(a, b)", torch.maximum, t([[1.0, 2.0], [3.0, 4.0]]), t([2.0, 2.0]))
    case(e, "maximum(a, 0)", lambda a: torch.maximum(a, torch.tensor(0.0)), t(kinks))
    case(e, "log(maximum(a, 0))", lambda a: torch.log(torch.maximum(a, torch.tensor(0.0))), t(-1.0, 1.0, 2.0), second=False)
    case(e, "clip(a, -1, 1)", lambda a: torch.clip(a, -1, 1), t(kinks))
    case(e, "clip(a, b, c)", torch.clip, t([-2.0, -1.0, 0.0, 1.0, 2.0, 5.0]), t(-1.0), t(1.0))
    case(e, "clip(a, b, c)", torch.clip, t([0.0, 2.0, 5.0]), t(3.0), t(1.0))
    condition = t([True, False, True])
    case(e, "where(a, b, c)", torch.where, condition, normal(2, 3), normal(3))
    case(e, "where(a > 0, log(a), a)", lambda a: torch.where(a > 0, torch.log(a), a), t(1.0, 2.0, -1.0), second=False)
    case(e, "where(a > 0, sqrt(a), 0)", lambda a: torch.where(a > 0, torch.sqrt(a), torch.tensor(0.0)), t(1.0, 0.0), second=False)
    case(e, "xlogy(a, b)", torch.xlogy, between(0.1, 2, 2, 3), between(0.1, 2, 3))
    case(e, "xlogy(a, b)", torch.xlogy, t(0.0, 0.0, 2.0), t(0.0, 2.0, 0.5), second=False)

    for sign in ["==", "!=", "<", "<=", ">", ">="]:
        case(e, f"a {sign} b", eval(f"lambda a, b: a {sign} b"), t(1.0, 2.0, 3.0), t(2.0))
        case(e, f"a {sign} b", eval(f"lambda a, b: a {sign} b"), t(1.0, math.nan), t(math.nan))
    case(e, "a and not b or c", lambda a, b, c: a & ~b | c, t([True, True, False]), t([True, False, False]), t([False, False, True]))


# ---- reductions

def reductions():
    r = "reductions"
    x = normal(2, 3, 2)
    ties = t([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [0.0, -1.0, -1.0]])
    for name in ["sum", "mean"]:
        f = getattr(torch, name)
        case(r, f"{name}(a)", f, x)
        case(r, f"{name}(a, axis = 1)", lambda a: f(a, 1), x)
        case(r, f"{name}(a, axis = [0, 2], keepdims = true)", lambda a: f(a, (0, 2), keepdim=True), x)
    for name, f in [("max", torch.amax), ("min", torch.amin)]:
        case(r, f"{name}(a)", lambda a: f(a, (0, 1)), ties)
        case(r, f"{name}(a, axis = 1)", lambda a: f(a, 1), ties)
        case(r, f"{name}(a, axis = 0)", lambda a: f(a, 0), ties)
        case(r, f"{name}(a, axis = -1, keepdims = true)", lambda a: f(a, -1, keepdim=True), x)
    case(r, "prod(a)", torch.prod, normal(4))
    case(r, "prod(a, axis = 1)", lambda a: torch.prod(a, 1), normal(2, 3))
    case(r, "prod(a, axis = 1)", lambda a: a[:, 0] * a[:, 1] * a[:, 2] * a[:, 3], t([[2.0, 0.0, 3.0, 1.5], [0.0, 2.0, 0.0, 4.0]]))
    case(r, "norm(a)", lambda a: a.norm(), normal(2, 3))
    case(r, "norm(a, axis = 1)", lambda a: torch.linalg.vector_norm(a, dim=1), normal(2, 3))
    case(r, "norm(a)", lambda a: a.norm(), t(0.0, 0.0, 0.0), second=False)
    case(r, "norm(a, p = 1)", lambda a: a.norm(p=1), t(1.0, -2.0, 0.0))
    case(r, "var(a)", lambda a: a.var(unbiased=False), x)
    case(r, "var(a, axis = 1, ddof = 1)", lambda a: a.var(1, unbiased=True), x)
    case(r, "std(a, axis = 0)", lambda a: a.std(0, unbiased=False), normal(4, 2))
    case(r, "logsumexp(a)", lambda a: torch.logsumexp(a, 0), t(1000.0, 1000.0, 999.0))
    case(r, "logsumexp(a, axis = 1)", lambda a: torch.logsumexp(a, 1), normal(2, 3))
    case(r, "cumsum(a, axis = 1)", lambda a: torch.cumsum(a, 1), x)
    case(r, "argmax(a, axis = 1)", lambda a: torch.argmax(a, 1), t([[1.0, 3.0, 2.0], [5.0, 0.0, 4.0]]))
    case(r, "argmin(a, axis = 0)", lambda a: torch.argmin(a, 0), t([[1.0, 3.0, 2.0], [5.0, 0.0, 4.0]]))
    case(r, "argsort(a, axis = 1)", lambda a: torch.argsort(a, 1), t([[1.0, 3.0, 2.0], [5.0, 0.0, 4.0]]))
    case(r, "sort(a, axis = 1)", lambda a: torch.sort(a, 1)[0], t([[1.0, 3.0, 2.0], [5.0, 0.0, 4.0]]))
    case(r, "all(a > 0, axis = 0)", lambda a: (a > 0).all(0), t([[1.0, -1.0], [2.0, 3.0]]))
    case(r, "any(a > 0, axis = 1)", lambda a: (a > 0).any(1), t([[1.0, -1.0], [-2.0, -3.0]]))


# ---- shape, products, linear algebra

def shapes():
    s = "shapes"
    x = normal(2, 3, 2)
    case(s, "reshape(a, [3, -1])", lambda a: a.reshape(3, -1), x)
    case(s, "transpose(a, [2, 0, 1])", lambda a: a.permute(2, 0, 1), x)
    case(s, "a.T", lambda a: a.T, normal(2, 3))
    case(s, "flatten(a)", lambda a: a.flatten(1), x)
    case(s, "concat(a, b, axis = 1)", lambda a, b: torch.cat([a, b], 1), normal(2, 1), normal(2, 3))
    case(s, "stack(a, b, axis = 1)", lambda a, b: torch.stack([a, b], 1), normal(3), normal(3))
    case(s, "squeeze(a, axis = 1)", lambda a: a.squeeze(1), normal(2, 1, 3))
    case(s, "expand(a, 1)", lambda a: a.unsqueeze(1), normal(2, 3))
    case(s, "pad(a, [[1, 0], [0, 2]])", lambda a: F.pad(a, (0, 2, 1, 0)), normal(2, 3))
    case(s, "broadcast_to(a, [4, 2, 3])", lambda a: a.expand(4, 2, 3), normal(2, 1))
    case(s, "take(a, b, axis = 1)", lambda a, b: a[:, b], x, t([2, 0, 2, 2]))
    case(s, "flip(a, 0)", lambda a: a.flip(0), normal(3, 2))
    case(s, "tril(a)", torch.tril, normal(3, 3))
    case(s, "tril(a, k = -1)", lambda a: torch.tril(a, -1), normal(2, 3, 4))
    case(s, "a[1]", lambda a: a[1], x)
    case(s, "a[:, 0:2, -1]", lambda a: a[:, 0:2, -1], x)
    case(s, "a[::-1, ::2]", lambda a: a.flip(0)[:, ::2], normal(3, 4))
    case(s, "a[..., none, 1]", lambda a: a[..., None, 1], normal(2, 3))
    case(s, "a[[2, 0, 2]]", lambda a: a[[2, 0, 2]], normal(3, 2))
    case(s, "a[b]", lambda a, b: a[b], normal(3, 2), t([[0, 2], [2, 2]]))
    case(s, "a[arange(3), b]", lambda a, b: a[torch.arange(3), b], normal(3, 4), t([1, 3, 3]))
    case(s, "one_hot(a, 3)", lambda a: F.one_hot(a, 3).to(torch.float64), t([2, 0]))
    case(s, "a @ b", lambda a, b: a @ b, normal(2, 3), normal(3, 2))
    case(s, "a @ b", lambda a, b: a @ b, normal(2, 3), normal(3))
    case(s, "a @ b", lambda a, b: a @ b, normal(3), normal(3, 2))
    case(s, "a @ b", lambda a, b: a @ b, normal(3), normal(3))
    case(s, "a @ b", lambda a, b: a @ b, normal(2, 2, 3), normal(2, 3, 2))
    case(s, "a @ b", lambda a, b: a @ b, normal(2, 2, 3), normal(3, 2))
    case(s, "a @ b", lambda a, b: a @ b, normal(2, 1, 2, 3), normal(2, 3, 1))
    case(s, "a @ b.T", lambda a, b: a @ b.T, normal(2, 3), normal(4, 3))
    case(s, "outer(a, b)", torch.outer, normal(2), normal(3))
    case(s, "dot(a, b)", torch.dot, normal(3), normal(3))
    well = normal(3, 3) + 4 * torch.eye(3)
    case(s, "solve(a, b)", torch.linalg.solve, well, normal(3, 2))
    case(s, "solve(a, b)", torch.linalg.solve, well, normal(3))
    case(s, "solve(a, b)", torch.linalg.solve, normal(2, 2, 2) + 3 * torch.eye(2), normal(2, 2, 1))
    case(s, "inv(a)", torch.linalg.inv, well)
    case(s, "det(a)", torch.linalg.det, well)
    case(s, "det(a)", torch.linalg.det, normal(2, 2, 2))
    case(s, "lstsq(a, b)", lambda a, b: torch.linalg.solve(a.T @ a, a.T @ b), normal(5, 2), normal(5, 2))


# ---- losses and compositions

def losses():
    l = "losses"
    logits, labels = normal(3, 4), t([2, 0, 3])
    soft = torch.softmax(normal(3, 4), 1)
    for reduction in ["mean", "sum", "none"]:
        case(l, f"cross_entropy(a, b, reduction = {reduction})", lambda a, b: F.cross_entropy(a, b, reduction=reduction), logits, labels)
        case(l, f"mse(a, b, reduction = {reduction})", lambda a, b: F.mse_loss(a, b, reduction=reduction), normal(2, 3), normal(2, 3))
    case(l, "cross_entropy(a, b)", F.cross_entropy, logits, soft)
    case(l, "cross_entropy(a, b)", F.cross_entropy, t([[1000.0, 0.0, -1000.0]]), t([1]))
    case(l, "cross_entropy(a, b)", F.cross_entropy, normal(3), t(1))
    case(l, "mse(a, b)", lambda a, b: ((a - b) ** 2).mean(), normal(2, 3), normal(3))
    case(l, "mae(a, b)", F.l1_loss, t(1.0, 2.0, 3.0), t(2.0, 2.0, 1.0))
    case(l, "huber(a, b)", F.huber_loss, t(-2.0, -1.0, 0.0, 0.5, 1.0, 3.0), t(0.0, 0.0, 0.0, 0.0, 0.0, 0.0), second=False)
    case(l, "huber(a, b, delta = 0.5)", lambda a, b: F.huber_loss(a, b, delta=0.5), normal(5), normal(5))
    case(l, "bce(a, b)", F.binary_cross_entropy_with_logits, t(-30.0, -1.0, 0.0, 2.0, 40.0), t(0.0, 1.0, 0.3, 1.0, 0.0))
    case(l, "logistic(a, b)", lambda a, b: F.softplus(-b * a).mean(), normal(4), t(1.0, -1.0, 1.0, -1.0))
    case(l, "hinge(a, b)", lambda a, b: F.multi_margin_loss(a, b) * a.shape[1], t([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]]), t([0, 1, 2]), second=False)
    # A margin that is just met: relu at 0.
    case(l, "hinge(a, b)", lambda a, b: (F.relu(a - a[0] + 1) * t([0.0, 1.0, 1.0])).sum(), t(2.0, 1.0, 4.0), t(0))
    case(l, "nll(log_softmax(a), b)", lambda a, b: F.nll_loss(F.log_softmax(a, -1), b), logits, labels)
    case(l, "kl_div(a, b)", lambda a, b: (torch.xlogy(a, a) - torch.xlogy(a, b)).sum(-1).mean(), soft, torch.softmax(normal(3, 4), 1))
    case(l, "entropy(a)", lambda a: -torch.xlogy(a, a).sum(-1).mean(), soft)
    case(l, "l1(a, b)", lambda a, b: a.abs().sum() + b.abs().sum(), t(1.0, 0.0, -2.0), normal(2, 2))
    case(l, "l2(a, b)", lambda a, b: (a ** 2).sum() + (b ** 2).sum(), t(1.0, 0.0, -2.0), normal(2, 2))
    case(l, "softmax(a)", lambda a: torch.softmax(a, -1), normal(2, 3))
    case(l, "softmax(a, axis = 0)", lambda a: torch.softmax(a, 0), normal(2, 3))
    case(l, "softmax(a)", lambda a: torch.softmax(a, -1), t([[1000.0, 1000.0, -1000.0], [0.0, 0.0, 0.0]]))
    case(l, "log_softmax(a)", lambda a: torch.log_softmax(a, -1), t([[1000.0, 1000.0, -1000.0], [1.0, 2.0, 3.0]]))
    case(l, "mean((a - mean(a, axis = 0)) ** 2 / (var(a, axis = 0) + 0.1))", lambda a: ((a - a.mean(0)) ** 2 / (a.var(0, unbiased=False) + 0.1)).mean(), normal(4, 2))
    case(l, "cross_entropy(tanh(a @ b + c) @ b.T, [0, 1]) + 0.01 * l2(b)", lambda a, b, c: F.cross_entropy(torch.tanh(a @ b + c) @ b.T, t([0, 1])) + 0.01 * (b ** 2).sum(), normal(2, 3), normal(3, 2), normal(2))
    case(l, "softmax(a @ b.T / sqrt(3)) @ c", lambda a, b, c: torch.softmax(a @ b.T / math.sqrt(3), -1) @ c, normal(2, 3), normal(4, 3), normal(4, 2))


def write(*makes):
    """Runs these, and writes what they recorded."""
    for make in makes:
        make()
    folder = os.path.dirname(os.path.abspath(__file__))
    for name, records in files.items():
        with open(os.path.join(folder, f"{name}.json"), "w") as out:
            out.write("[\n" + ",\n".join(json.dumps(record, separators=(",", ":")) for record in records) + "\n]\n")
        print(name, len(records))


if __name__ == "__main__":
    write(elementwise, reductions, shapes, losses)
