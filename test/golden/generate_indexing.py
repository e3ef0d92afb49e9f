"""Golden values of indexing from NumPy, over whole numbers that count up.

    apt-get install -y --no-install-recommends python3-numpy   (written with NumPy 1.24)
    /usr/bin/python3 test/golden/generate_indexing.py

writes indexing/cases.json: the shape of x, the index as NumPy and the model language both write it (`none` for None), and
the shape and elements of the result.
"""

import json
import os

import numpy as np

cases = [
    ([5], "2", "-1", "-5", "1:3", ":", "::2", "::-1", "4:0:-2", "-3:", ":-2", "10:", "3:1", "[3, 1, 1]", "[-1, 0]", "none", "none, 1:"),
    ([3, 4], "1", "1, 2", "-1, -1", ":, 0", "0, :", "1:, ::2", "::-1, ::-1", "[2, 0]", ":, [3, 1]", "[2, 0], [1, 3]"),
    ([3, 4], "1:, [0, 2]", "[0, 2], 1:", "none, :, 0", ":, none, :", "..., 1", "1, ...", "...", "..., none", "[1], 2", "0, [1, 2]"),
    ([2, 3, 4], "1", ":, 1", "..., 2", "1, ..., 2", ":, ::-1, 1:3", "1, :, [0, 3]", ":, [0, 2], [1, 1]", "[0, 1], :, 2", "none, ..., none"),
    ([2, 3, 4], "[1, 0], [2, 0], [3, 1]", "[[0, 1], [1, 0]]", "0, none, 1", ":, [2], ::-2", "..., 1:2, 0"),
]

written = []
for shape, *indices in cases:
    x = np.arange(int(np.prod(shape)), dtype=float).reshape(shape)
    for index in indices:
        y = eval(f"x[{index.replace('none', 'None')}]")
        written.append({"shape": shape, "index": index, "result": list(y.shape), "data": np.asarray(y).flatten().tolist()})

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "indexing")
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "cases.json"), "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(case) for case in written) + "\n]\n")
