"""Golden Jacobians, Hessians and derivatives of higher order from PyTorch in float64.

    apt-get install -y --no-install-recommends python3-torch python3-numpy   (written with PyTorch 1.13)
    /usr/bin/python3 test/golden/generate_derivatives.py

writes derivatives.json next to this file, in the form of generate.py: the value here is a table of derivatives already,
so that its own gradients are derivatives of the next orders.
"""

import itertools

import torch
import torch.nn.functional as F
from torch.autograd.functional import hessian as torch_hessian
from torch.autograd.functional import hvp, jacobian as torch_jacobian

from generate import case, normal, t, write

kinks = [-2.0, -0.5, 0.0, 0.5, 2.0]


def wrt(index, operands, f, derive):
    """`derive` of `f` as a function of one operand, the others held."""
    return derive(lambda x: f(*operands[:index], x, *operands[index + 1 :]), operands[index])


def J(f, index=0):
    return lambda *xs: wrt(index, xs, f, lambda g, x: torch_jacobian(g, x, create_graph=True))


def H(f, index=0):
    return lambda *xs: wrt(index, xs, f, lambda g, x: torch_hessian(g, x, create_graph=True))


def grad(f, index=0):
    def of(*xs):
        leaves = [x if x.requires_grad else x.clone().requires_grad_(x.is_floating_point()) for x in xs]
        return torch.autograd.grad(f(*leaves), leaves[index], create_graph=True)[0]

    return of


def jacobian(expression, f, *operands, by="a", **options):
    case("derivatives", f"jacobian({expression}, {by})", J(f, "abcd".index(by)), *operands, **options)


def hessian(expression, f, *operands, by="a", **options):
    case("derivatives", f"hessian({expression}, {by})", H(f, "abcd".index(by)), *operands, **options)


def determinant(a):
    """By its definition, which is right for singular matrices in all orders."""
    n = a.shape[-1]
    total = 0
    for order in itertools.permutations(range(n)):
        swaps = sum(order[i] > order[j] for i in range(n) for j in range(i + 1, n))
        term = (-1) ** swaps
        for i, j in enumerate(order):
            term = term * a[..., i, j]
        total = total + term
    return total


def product(a):
    """Along the last axis, one factor after the other: exact in all orders."""
    result = a[..., 0]
    for i in range(1, a.shape[-1]):
        result = result * a[..., i]
    return result


def least_squares(a, b):
    return torch.linalg.solve(a.transpose(-2, -1) @ a, a.transpose(-2, -1) @ b)


def jacobians():
    x, W, bias = normal(2, 3), normal(3, 2), normal(2)
    jacobian("a @ b", lambda a, b: a @ b, x, W)
    jacobian("a @ b", lambda a, b: a @ b, x, W, by="b")
    jacobian("a @ b + c", lambda a, b, c: a @ b + c, x, W, bias, by="c")
    jacobian("tanh(a @ b + c)", lambda a, b, c: torch.tanh(a @ b + c), x, W, bias, by="b")
    jacobian("a @ b", lambda a, b: a @ b, normal(2, 3), normal(3), by="b")
    jacobian("relu(a)", torch.relu, t(kinks))
    jacobian("relu(a @ b)", lambda a, b: torch.relu(a @ b), x, W, by="b")
    jacobian("softmax(a)", lambda a: torch.softmax(a, -1), normal(4))
    jacobian("softmax(a)", lambda a: torch.softmax(a, -1), normal(2, 3))
    jacobian("log_softmax(a)", lambda a: torch.log_softmax(a, -1), normal(2, 3))
    jacobian("sum(a)", torch.sum, normal(2, 2))
    jacobian("sin(a) * b", lambda a, b: torch.sin(a) * b, t(0.7), normal(3))
    jacobian("a ** 3", lambda a: a ** 3, t(1.3))
    jacobian("outer(a, a)", lambda a: torch.outer(a, a), normal(3))
    jacobian("maximum(a, b)", torch.maximum, t(kinks), t([-2.0, 0.0, 0.0, 1.0, 1.0]))
    jacobian("where(a > 0, log(a), a)", lambda a: torch.where(a > 0, torch.log(a), a), t(1.0, 2.0, -1.0), second=False)
    # The gradients of the examples, one a row.
    labels = t([2, 0, 1, 2])
    jacobian(
        "cross_entropy(a @ b, c, reduction = none)",
        lambda a, b, c: F.cross_entropy(a @ b, c, reduction="none"),
        normal(4, 2), normal(2, 3), labels, by="b",
    )  # fmt: skip
    # Mixed second derivatives.
    case(
        "derivatives",
        "jacobian(grad(sum(tanh(a @ b) ** 2), b), a)",
        J(grad(lambda a, b: (torch.tanh(a @ b) ** 2).sum(), 1)),
        normal(2, 3), normal(3, 2),
    )  # fmt: skip


def reductions():
    jacobian("max(a, axis = 1)", lambda a: torch.amax(a, 1), t([[1.0, 3.0, 3.0], [0.0, -1.0, -1.0]]))
    jacobian("norm(a, axis = 1)", lambda a: torch.linalg.vector_norm(a, dim=1), normal(2, 3))
    jacobian("logsumexp(a, axis = 0)", lambda a: torch.logsumexp(a, 0), normal(2, 3))
    jacobian("var(a, axis = 1)", lambda a: a.var(1, unbiased=False), normal(2, 3))
    jacobian("cumsum(a, axis = 1)", lambda a: torch.cumsum(a, 1), normal(2, 3))
    jacobian("cumsum(a)", lambda a: torch.cumsum(a.flatten(), 0), normal(2, 2))
    jacobian("cumsum(sin(a), axis = 0) ** 2", lambda a: torch.cumsum(torch.sin(a), 0) ** 2, normal(3, 2))
    jacobian("sort(a, axis = 1)", lambda a: torch.sort(a, 1)[0], normal(2, 3))
    zeros = [t([2.0, 0.0, 3.0, 1.5]), t([0.0, 2.0, 0.0, 4.0]), t([0.0, 0.0, 0.0, 1.0]), normal(4)]
    for factors in zeros:
        hessian("prod(a)", product, factors)
    jacobian("prod(a, axis = 1)", product, torch.stack(zeros))
    hessian("sum(prod(a, axis = 1) ** 2)", lambda a: (product(a) ** 2).sum(), torch.stack(zeros[:2]))
    hessian("norm(a)", lambda a: a.norm(), normal(3))
    hessian("logsumexp(a)", lambda a: torch.logsumexp(a, 0), normal(3))
    hessian("sum(cumsum(a) ** 3)", lambda a: (torch.cumsum(a, 0) ** 3).sum(), normal(3))


def positions():
    jacobian("a[[2, 0, 2]]", lambda a: a[[2, 0, 2]], normal(3, 2))
    jacobian("a[[-1, 0, -1]] ** 2", lambda a: a[[-1, 0, -1]] ** 2, normal(3))
    jacobian("a[b] ** 3", lambda a, b: a[b] ** 3, normal(3, 2), t([[0, -1], [2, 2]]))
    jacobian("a[b, c] ** 2", lambda a, b, c: a[b, c] ** 2, normal(3, 3), t([0, 0, -1]), t([1, 1, -2]))
    jacobian("take(a, b, axis = 1)", lambda a, b: a[:, b], normal(2, 3), t([2, 0, 2, 2]))
    hessian("sum(a[[1, 1, -1]] ** 3)", lambda a: (a[[1, 1, -1]] ** 3).sum(), normal(3))
    hessian("prod(a[[0, 0, -1]])", lambda a: product(a[[0, 0, -1]]), t(0.0, 2.0, 3.0))
    # The gradient of a gather adds up; its own gradient gathers again.
    case(
        "derivatives",
        "grad(sum(a[b] * a[b]), a) ** 2",
        lambda a, b: grad(lambda a, b: (a[b] * a[b]).sum())(a, b) ** 2,
        normal(4), t([3, 0, 3, -1]),
    )  # fmt: skip
    jacobian("a[::-1, -2:] * a[:, 0:2]", lambda a: a.flip(0)[:, -2:] * a[:, 0:2], normal(2, 3))


def algebra():
    well, stack = normal(3, 3) + 4 * torch.eye(3), normal(2, 2, 2) + 3 * torch.eye(2)
    solve = torch.linalg.solve
    jacobian("solve(a, b)", solve, well, normal(3))
    jacobian("solve(a, b)", solve, well, normal(3), by="b")
    jacobian("solve(a, b)", solve, well, normal(3, 2), by="b")
    jacobian("solve(a, b)", lambda a, b: solve(a, b.unsqueeze(-1)).squeeze(-1), stack, normal(2, 2))
    jacobian("solve(a, b)", lambda a, b: solve(a, b), stack, normal(2, 2, 1), by="b")
    jacobian("inv(a)", torch.linalg.inv, well)
    jacobian("inv(a)", torch.linalg.inv, stack)
    one_side = lambda a, b: solve(a, b.expand(2, 2).unsqueeze(-1)).squeeze(-1)
    case("derivatives", "solve(a, b)", one_side, normal(2, 2, 2) + 3 * torch.eye(2), normal(2))
    hessian("det(a)", determinant, normal(3, 3))
    singular = [
        t([[1.0, 2.0], [2.0, 4.0]]),
        torch.zeros(2, 2),
        t([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]]),
        t([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 6.0, 9.0]]),
    ]
    for matrix in singular:
        case("derivatives", "det(a)", determinant, matrix)
        hessian("det(a)", determinant, matrix)
    jacobian("det(a)", determinant, torch.stack(singular[:2]))
    # The last row is the sum of the others.
    large = t([[float((3 * i * i + 5 * j + i * j * j) % 7 - 3) for j in range(7)] for i in range(6)])
    singular = torch.cat([large, large.sum(0, keepdim=True)])
    case("derivatives", "1 + det(a)", lambda a: 1 + determinant(a), singular, second=False)
    hessian("log(det(a))", lambda a: torch.log(determinant(a)), well)
    tall = normal(4, 2)
    jacobian("lstsq(a, b)", lambda a, b: least_squares(a, b), tall, normal(4))
    jacobian("lstsq(a, b)", lambda a, b: least_squares(a, b), tall, normal(4, 2), by="b")
    case("derivatives", "lstsq(a, b)", least_squares, normal(2, 4, 2), normal(2, 4, 1))
    case("derivatives", "lstsq(a, b)", lambda a, b: least_squares(a, b.unsqueeze(-1)).squeeze(-1), normal(2, 4, 2), normal(2, 4))
    case("derivatives", "lstsq(a, b)", lambda a, b: least_squares(a, b), tall, normal(4))


def hessians():
    square = normal(3, 3)
    hessian("a @ b @ a", lambda a, b: a @ b @ a, normal(3), square)
    hessian("sum(a)", lambda a: a.sum() + 0 * (a ** 2).sum(), normal(3))
    hessian("sin(a) * a", lambda a: torch.sin(a) * a, t(0.4))
    rows, signs = normal(5, 3), t(1.0, -1.0, 1.0, 1.0, -1.0)
    hessian("logistic(a @ b, c)", lambda a, b, c: F.softplus(-c * (a @ b)).mean(), rows, normal(3), signs, by="b")
    hessian("mse(a @ b, c)", lambda a, b, c: F.mse_loss(a @ b, c), rows, normal(3), normal(5), by="b")
    hessian("cross_entropy(a @ b, c)", lambda a, b, c: F.cross_entropy(a @ b, c), normal(3, 2), normal(2, 3), t([2, 0, 1]), by="b")

    def net(a, b, c, d):
        return F.cross_entropy(torch.tanh(a @ b + c) @ d, t([0, 1]))

    expression = "cross_entropy(tanh(a @ b + c) @ d, [0, 1])"
    operands = normal(2, 3), normal(3, 2), normal(2), normal(2, 3)
    for by in "abcd":
        hessian(expression, net, *operands, by=by)
    case("derivatives", f"jacobian(grad({expression}, b), d)", J(grad(net, 1), 3), *operands)
    case("derivatives", f"jacobian(grad({expression}, c), b)", J(grad(net, 2), 1), *operands)


def higher_orders():
    f = lambda a: torch.sin(a) * a ** 3
    text = "sin(a) * a ** 3"
    for at in [0.0, 0.8]:
        case("derivatives", f"grad(grad(grad({text}, a), a), a)", grad(grad(grad(f))), t(at))
        case("derivatives", f"grad(hessian({text}, a), a)", grad(H(f)), t(at))
    case("derivatives", "jacobian(hessian(sum(tanh(a) ** 3) + prod(a), a), a)", J(H(lambda a: (torch.tanh(a) ** 3).sum() + product(a))), normal(3))
    case("derivatives", "hessian(sum(hessian(sum(exp(a) * a ** 2), a)), a)", H(lambda a: H(lambda x: (torch.exp(x) * x ** 2).sum())(a).sum()), normal(2), second=False)
    # A gradient penalty, and its gradient.
    inner = lambda a, b: torch.tanh(a @ b).sum()
    penalty = lambda a, b: grad(inner)(a, b).norm()
    case("derivatives", "grad(norm(grad(sum(tanh(a @ b)), a)), b)", grad(penalty, 1), normal(2, 3), normal(3, 2))
    # Newton's step.
    root = normal(3, 3)
    convex = "a @ b @ a / 2 - c @ a + sum(exp(a))"
    value = lambda a, b, c: a @ b @ a / 2 - c @ a + torch.exp(a).sum()
    newton = lambda a, b, c: a - torch.linalg.solve(H(value)(a, b, c), grad(value)(a, b, c))
    case("derivatives", f"a - solve(hessian({convex}, a), grad({convex}, a))", newton, normal(3), root @ root.T + torch.eye(3), normal(3))
    # Products with a Hessian without forming it.
    loss = lambda a: (torch.tanh(a) ** 2).sum() + product(a)
    text = "sum(tanh(a) ** 2) + prod(a)"
    product_with = lambda a, b: hvp(loss, a, b, create_graph=True)[1]
    for form in [f"jvp(grad({text}, a), a, b)", f"vjp(grad({text}, a), a, b)", f"grad(sum(grad({text}, a) * stop_gradient(b)), a)"]:
        case("derivatives", form, lambda a, b: product_with(a, b.detach() if "stop" in form else b), normal(3), normal(3))


if __name__ == "__main__":
    write(jacobians, reductions, positions, algebra, hessians, higher_orders)
