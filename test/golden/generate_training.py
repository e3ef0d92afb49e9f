"""Golden training trajectories from PyTorch in float64.

    apt-get install -y --no-install-recommends python3-torch python3-numpy   (written with PyTorch 1.13)
    /usr/bin/python3 test/golden/generate_training.py

writes training/trajectories.json: for each optimiser setting, the loss before every update and the parameters after some
of them, of a small softmax classifier with one hidden layer, trained on the full batch.
"""

import json
import os

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
STEPS = 100
KEPT = [1, 2, 3, 10, 50, 100]

generator = torch.Generator().manual_seed(7)


def rounded(*shape):
    return (torch.randn(shape, generator=generator) * 1000).round() / 1000


x = rounded(12, 3)
y = torch.tensor([0, 1, 2, 1, 0, 2, 2, 1, 0, 0, 1, 2])
start = {"W": rounded(3, 4), "b": rounded(4), "V": rounded(4, 3)}


def loss_of(p):
    h = torch.tanh(x @ p["W"] + p["b"])
    return F.cross_entropy(h @ p["V"], y) + 0.01 * (p["W"] ** 2).sum()


def trajectory(text, make, clip=None, keys="", scale=1.0, trained=("W", "b", "V")):
    p = {name: value.clone().requires_grad_(name in trained) for name, value in start.items()}
    chosen = [p[name] for name in trained]
    optimizer = make(chosen)
    losses, kept = [], {}
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        loss = scale * loss_of(p)
        loss.backward()
        if clip:
            clip(chosen)
        optimizer.step()
        losses.append(loss.item())
        if step in KEPT:
            kept[step] = {name: value.detach().flatten().tolist() for name, value in p.items()}
    return {"optimizer": text, "keys": keys, "scale": scale, "losses": losses, "parameters": kept}


sgd, adam = torch.optim.SGD, torch.optim.Adam
norm = torch.nn.utils.clip_grad_norm_
value = torch.nn.utils.clip_grad_value_

cases = [
    trajectory("sgd(lr = 0.1)", lambda p: sgd(p, lr=0.1)),
    trajectory("sgd(lr = 0.1, momentum = 0.9)", lambda p: sgd(p, lr=0.1, momentum=0.9)),
    trajectory(
        "sgd(lr = 0.1, momentum = 0.9, dampening = 0.5)", lambda p: sgd(p, lr=0.1, momentum=0.9, dampening=0.5)
    ),
    trajectory("sgd(lr = 0.1, momentum = 0.9, nesterov = true)", lambda p: sgd(p, lr=0.1, momentum=0.9, nesterov=True)),
    trajectory("sgd(lr = 0.1, weight_decay = 0.05)", lambda p: sgd(p, lr=0.1, weight_decay=0.05)),
    trajectory(
        "sgd(lr = 0.05, momentum = 0.8, nesterov = true, weight_decay = 0.01)",
        lambda p: sgd(p, lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.01),
    ),
    trajectory("adam(lr = 0.05)", lambda p: adam(p, lr=0.05)),
    trajectory("adam(lr = 0.05, betas = [0.8, 0.95], eps = 1e-4)", lambda p: adam(p, lr=0.05, betas=(0.8, 0.95), eps=1e-4)),
    trajectory("adam(lr = 0.05, weight_decay = 0.1)", lambda p: adam(p, lr=0.05, weight_decay=0.1)),
    trajectory("adam(lr = 0.2, amsgrad = true)", lambda p: adam(p, lr=0.2, amsgrad=True)),
    trajectory(
        "adam(lr = 0.1, amsgrad = true, weight_decay = 0.01)", lambda p: adam(p, lr=0.1, amsgrad=True, weight_decay=0.01)
    ),
    trajectory("sgd(lr = 0.1)", lambda p: sgd(p, lr=0.1), lambda p: norm(p, 0.2), "clip_norm = 0.2", scale=3.0),
    trajectory("adam(lr = 0.05)", lambda p: adam(p, lr=0.05), lambda p: norm(p, 0.5), "clip_norm = 0.5", scale=3.0),
    trajectory("sgd(lr = 0.1)", lambda p: sgd(p, lr=0.1), lambda p: value(p, 0.05), "clip_value = 0.05"),
    trajectory("sgd(lr = 0.1)", lambda p: sgd(p, lr=0.1), None, "params = [V]", trained=("V",)),
    trajectory(
        "sgd(lr = 0.1)", lambda p: sgd(p, lr=0.1), lambda p: norm(p, 0.1), "params = [W, b]; clip_norm = 0.1", trained=("W", "b")
    ),
]

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "training")
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "trajectories.json"), "w") as f:
    names = {name: {"shape": list(t.shape), "data": t.flatten().tolist()} for name, t in start.items()}
    json.dump({"x": x.tolist(), "y": y.tolist(), "start": names}, f)
    f.seek(f.tell() - 1)
    f.write(', "cases": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n]}\n")
