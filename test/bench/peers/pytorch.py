"""The models of ../models in PyTorch, timed on request.

    python3 pytorch.py THREADS

Reads lines `MODEL MILLISECONDS` and answers each with one JSON object: microseconds a step of wall time
and of CPU time over about so many milliseconds, or `{"error": ...}`. The first line about a model also
builds it and runs it warm. `gemm` is a product of two 1024 x 1024 matrices, the machine's peak.
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

WARM_UP = 0.15


class LastState(nn.Module):
    """Scores of a sequence from the last state of an LSTM."""

    def __init__(self, inputs, hidden, classes):
        super().__init__()
        self.lstm = nn.LSTM(inputs, hidden, batch_first=True)
        self.scores = nn.Linear(hidden, classes)

    def forward(self, x):
        states, _ = self.lstm(x)
        return self.scores(states[:, -1])


def xor_net():
    return nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))


def big_mlp():
    return nn.Sequential(
        nn.Linear(784, 1024), nn.ReLU(), nn.Linear(1024, 1024), nn.ReLU(), nn.Linear(1024, 10)
    )


def mnist_mlp():
    return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(16 * 7 * 7, 10),
    )  # fmt: skip


def cifar_cnn():
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 8 * 8, 10),
    )  # fmt: skip


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.01)


def adam(parameters):
    return torch.optim.Adam(parameters, lr=0.001)


# model: net, optimiser, shape of a batch, classes (none: a number to regress)
MODELS = {
    "xor": (xor_net, sgd, (4, 2), None),
    "xor-adam": (xor_net, adam, (4, 2), None),
    "mnist-mlp": (mnist_mlp, sgd, (64, 784), 10),
    "big-mlp": (big_mlp, sgd, (128, 784), 10),
    "big-mlp-adam": (big_mlp, adam, (128, 784), 10),
    "lenet": (lenet, sgd, (64, 1, 28, 28), 10),
    "cifar-cnn": (cifar_cnn, sgd, (64, 3, 32, 32), 10),
    "lstm": (lambda: LastState(16, 64, 4), sgd, (32, 32, 16), 4),
}


def training_step(name):
    make_net, make_optimizer, shape, classes = MODELS[name]
    net = make_net()
    optimizer = make_optimizer(net.parameters())
    x = torch.randn(shape)
    if classes is None:
        y, loss_of = torch.randn(shape[0], 1), F.mse_loss
    else:
        y, loss_of = torch.randint(0, classes, (shape[0],)), F.cross_entropy

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(net(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step


def matrix_product():
    a, b, c = torch.randn(1024, 1024), torch.randn(1024, 1024), torch.empty(1024, 1024)
    return lambda: torch.mm(a, b, out=c)


def timed(step, seconds):
    """Calls, wall seconds, CPU seconds (of all threads)."""
    calls, cpu, start = 0, time.process_time(), time.perf_counter()
    while True:
        step()
        calls += 1
        elapsed = time.perf_counter() - start
        if elapsed >= seconds:
            return calls, elapsed, time.process_time() - cpu


def serve():
    steps = {}
    for line in sys.stdin:
        name, milliseconds = line.split()
        try:
            if name not in steps:
                steps[name] = matrix_product() if name == "gemm" else training_step(name)
                timed(steps[name], WARM_UP)
            calls, wall, cpu = timed(steps[name], float(milliseconds) / 1000)
            answer = {"micros": wall / calls * 1e6, "cpuMicros": cpu / calls * 1e6}
        except (KeyError, RuntimeError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(0)
    print(json.dumps({"ready": f"PyTorch {torch.__version__}"}), flush=True)
    serve()
