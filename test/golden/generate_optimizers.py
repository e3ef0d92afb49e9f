"""Golden trajectories of optimisers and schedules from PyTorch in float64.

    apt-get install -y --no-install-recommends python3-torch python3-numpy   (written with PyTorch 1.13)
    /usr/bin/python3 test/golden/generate_optimizers.py

writes training/optimizers.json, in the form of training/trajectories.json: for each setting, the loss before every update
and the parameters after some of them, of a small softmax classifier with one hidden layer on the full batch; and
training/secondOrder.json: Newton's method and L-BFGS on a logistic regression and on Rosenbrock's function.
"""

import json
import math
import os

import torch
import torch.nn.functional as F
from torch.autograd.functional import hessian
from torch.optim import lr_scheduler

torch.set_default_dtype(torch.float64)
STEPS = 100
KEPT = [1, 2, 3, 10, 50, 100]

generator = torch.Generator().manual_seed(11)


def rounded(*shape):
    return (torch.randn(shape, generator=generator) * 1000).round() / 1000


x = rounded(12, 3)
y = torch.tensor([0, 1, 2, 1, 0, 2, 2, 1, 0, 0, 1, 2])
start = {"W": rounded(3, 4), "b": rounded(4), "V": rounded(4, 3)}


def loss_of(p):
    h = torch.tanh(x @ p["W"] + p["b"])
    return F.cross_entropy(h @ p["V"], y) + 0.01 * (p["W"] ** 2).sum()


def record(text, keys, scale, p, losses, kept):
    return {"optimizer": text, "keys": keys, "scale": scale, "losses": losses, "parameters": kept}


def trajectory(text, make, clip=None, keys="", scale=1.0, schedule=None):
    p = {name: value.clone().requires_grad_() for name, value in start.items()}
    optimizer = make(list(p.values()))
    scheduler = schedule and schedule(optimizer)
    losses, kept = [], {}
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        loss = scale * loss_of(p)
        loss.backward()
        if clip:
            clip(list(p.values()))
        optimizer.step()
        if scheduler:
            scheduler.step()
        losses.append(loss.item())
        if step in KEPT:
            kept[step] = {name: value.detach().flatten().tolist() for name, value in p.items()}
    return record(text, keys, scale, p, losses, kept)


optim = torch.optim
sgd, adam = optim.SGD, optim.Adam
norm = torch.nn.utils.clip_grad_norm_
value = torch.nn.utils.clip_grad_value_

plain = [
    ("sgd(lr = 0.1, momentum = 0.9)", lambda p: sgd(p, lr=0.1, momentum=0.9)),
    ("sgd(lr = 0.1, momentum = 0.9, nesterov = true)", lambda p: sgd(p, lr=0.1, momentum=0.9, nesterov=True)),
    ("adagrad(lr = 0.1)", lambda p: optim.Adagrad(p, lr=0.1)),
    (
        "adagrad(lr = 0.2, lr_decay = 0.05, eps = 1e-6, initial_accumulator_value = 0.3)",
        lambda p: optim.Adagrad(p, lr=0.2, lr_decay=0.05, eps=1e-6, initial_accumulator_value=0.3),
    ),
    ("adadelta()", lambda p: optim.Adadelta(p)),
    ("adadelta(lr = 0.7, rho = 0.8, eps = 1e-4)", lambda p: optim.Adadelta(p, lr=0.7, rho=0.8, eps=1e-4)),
    ("rmsprop(lr = 0.02)", lambda p: optim.RMSprop(p, lr=0.02)),
    ("rmsprop(lr = 0.01, alpha = 0.9, eps = 1e-3)", lambda p: optim.RMSprop(p, lr=0.01, alpha=0.9, eps=1e-3)),
    ("rmsprop(lr = 0.01, momentum = 0.8)", lambda p: optim.RMSprop(p, lr=0.01, momentum=0.8)),
    ("rmsprop(lr = 0.01, alpha = 0.9, centered = true)", lambda p: optim.RMSprop(p, lr=0.01, alpha=0.9, centered=True)),
    (
        "rmsprop(lr = 0.005, momentum = 0.5, centered = true)",
        lambda p: optim.RMSprop(p, lr=0.005, momentum=0.5, centered=True),
    ),
    ("adam(lr = 0.05)", lambda p: adam(p, lr=0.05)),
    ("adamw(lr = 0.05)", lambda p: optim.AdamW(p, lr=0.05)),
    (
        "adamw(lr = 0.05, betas = [0.8, 0.95], eps = 1e-5, weight_decay = 0.2)",
        lambda p: optim.AdamW(p, lr=0.05, betas=(0.8, 0.95), eps=1e-5, weight_decay=0.2),
    ),
    (
        "adamw(lr = 0.1, weight_decay = 0.05, amsgrad = true)",
        lambda p: optim.AdamW(p, lr=0.1, weight_decay=0.05, amsgrad=True),
    ),
]
schedules = [
    ("step(15)", lambda o: lr_scheduler.StepLR(o, 15)),
    ("step(20, gamma = 0.5)", lambda o: lr_scheduler.StepLR(o, 20, 0.5)),
    ("exponential(0.97)", lambda o: lr_scheduler.ExponentialLR(o, 0.97)),
    ("cosine(100)", lambda o: lr_scheduler.LambdaLR(o, lambda k: (1 + math.cos(math.pi * k / 100)) / 2)),
    (
        "cosine(60, min = 0.1)",
        lambda o: lr_scheduler.LambdaLR(o, lambda k: 0.1 + 0.9 * (1 + math.cos(math.pi * min(k, 60) / 60)) / 2),
    ),
    ("warmup(10)", lambda o: lr_scheduler.LambdaLR(o, lambda k: min(1, (k + 1) / 10))),
    ("1 / (1 + 0.3 * k)", lambda o: lr_scheduler.LambdaLR(o, lambda k: 1 / (1 + 0.3 * k))),
]

cases = [trajectory(text, make) for text, make in plain]
cases += [
    trajectory(text, make, lambda p: norm(p, 0.3), "clip_norm = 0.3", 3.0)
    for text, make in plain
    if text.count(",") == 0 or "nesterov" in text
]
cases += [
    trajectory(text, make, lambda p: value(p, 0.05), "clip_value = 0.05", 3.0)
    for text, make in plain
    if text.count(",") == 0 or "nesterov" in text
]
cases += [
    trajectory("sgd(lr = 0.5)", lambda p: sgd(p, lr=0.5), None, f"schedule = {text}", 1.0, make)
    for text, make in schedules
]
cases += [
    trajectory(
        "adamw(lr = 0.1)", lambda p: optim.AdamW(p, lr=0.1), lambda p: norm(p, 0.3), f"schedule = {text}; clip_norm = 0.3", 2.0, make
    )
    for text, make in schedules[2:4]
]


# ---- second order

rows = rounded(30, 3)
signs = torch.where(rows @ torch.tensor([1.0, -2.0, 0.5]) + 0.7 * rounded(30) > 0, 1.0, -1.0)


def logistic(p):
    return F.softplus(-signs * (rows @ p[:3] + p[3])).mean() + 0.01 * (p[:3] ** 2).sum()


def rosenbrock(p):
    return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2


def quasi_newton(name, function, begin, steps, history, search, lr):
    p = torch.tensor(begin).requires_grad_()
    optimizer = torch.optim.LBFGS(
        [p], lr=lr, max_iter=1, max_eval=1000, history_size=history, tolerance_grad=0, tolerance_change=0, line_search_fn=search
    )

    def closure():
        optimizer.zero_grad()
        loss = function(p)
        loss.backward()
        return loss

    losses, points = [], []
    for _ in range(steps):
        losses.append(optimizer.step(closure).item())
        points.append(p.detach().tolist())
    text = f"lbfgs(lr = {lr}, history = {history}, line_search = {search or 'none'})"
    return {"model": name, "optimizer": text, "start": begin, "losses": losses, "points": points}


def newton(name, function, begin, steps, damping):
    p = torch.tensor(begin)
    losses, points = [], []
    for _ in range(steps):
        q = p.clone().requires_grad_()
        loss = function(q)
        (g,) = torch.autograd.grad(loss, q)
        losses.append(loss.item())
        p = p - torch.linalg.solve(hessian(function, p) + damping * torch.eye(len(p)), g)
        points.append(p.tolist())
    return {"model": name, "optimizer": f"newton(damping = {damping})", "start": begin, "losses": losses, "points": points}


second = [
    quasi_newton("rosenbrock", rosenbrock, [-1.2, 1.0], 30, 10, "strong_wolfe", 1),
    quasi_newton("rosenbrock", rosenbrock, [0.5, -1.0], 20, 3, "strong_wolfe", 0.8),
    quasi_newton("rosenbrock", rosenbrock, [0.8, 0.7], 20, 5, None, 0.05),
    quasi_newton("logistic", logistic, [0.0, 0.0, 0.0, 0.0], 12, 10, "strong_wolfe", 1),
    quasi_newton("logistic", logistic, [2.0, 1.0, -1.0, 0.5], 10, 2, "strong_wolfe", 1),
    quasi_newton("logistic", logistic, [0.0, 0.0, 0.0, 0.0], 15, 10, None, 0.5),
    newton("logistic", logistic, [0.0, 0.0, 0.0, 0.0], 6, 0),
    newton("logistic", logistic, [0.5, 0.5, 0.5, 0.5], 6, 0.3),
    newton("rosenbrock", rosenbrock, [-1.2, 1.0], 6, 0),
    newton("rosenbrock", rosenbrock, [-1.2, 1.0], 10, 5.0),
]

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "training")
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "optimizers.json"), "w") as f:
    names = {name: {"shape": list(t.shape), "data": t.flatten().tolist()} for name, t in start.items()}
    head = json.dumps({"x": x.tolist(), "y": y.tolist(), "start": names})
    f.write(head[:-1] + ', "cases": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n]}\n")
with open(os.path.join(folder, "secondOrder.json"), "w") as f:
    head = json.dumps({"rows": rows.tolist(), "signs": signs.tolist()})
    f.write(head[:-1] + ', "cases": [\n' + ",\n".join(json.dumps(case) for case in second) + "\n]}\n")
