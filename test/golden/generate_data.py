"""Small files of every format that the readers understand, made by NumPy and Pillow, in test/golden/data.

Run with Python 3, NumPy and Pillow (Debian: python3-numpy, python3-pil):

    python3 test/golden/generate_data.py

The Parquet files beside them come from another library: `node --import tsx test/golden/generate_parquet.ts`.
"""

import gzip
import json
import pathlib
import struct

import numpy as np
from PIL import Image

FOLDER = pathlib.Path(__file__).parent / "data"


def save(name, array):
    np.save(FOLDER / name, array, allow_pickle=True)


def arrays():
    """Every dtype in both byte orders and both orders of the axes; the values are in expected.json."""
    expected = {}
    values = {
        "f": [[0.5, -1.25], [2.0, np.nan], [np.inf, 65504.0]],
        "i": [[-128, 127], [0, -1], [5, 6]],
        "u": [[0, 255], [1, 2], [3, 200]],
        "b": [[True, False], [False, True], [True, True]],
    }
    for code in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"]:
        for order in ["<", ">"]:
            for fortran in [False, True]:
                array = np.array(values[code[0]], dtype=order + code)
                array = np.asfortranarray(array) if fortran else array
                name = f"{code}{'le' if order == '<' else 'be'}{'f' if fortran else 'c'}.npy"
                save(name, array)
                expected[name] = [[str(cell) for cell in row] for row in array.astype("f8").tolist()]
    save("vector.npy", np.array([3, 1, 2], dtype="<i4"))
    cube = np.arange(24, dtype="<i2").reshape(2, 3, 4)
    save("cube.npy", cube)
    save("cube_fortran.npy", np.asfortranarray(cube))
    save("large_ints.npy", np.array([2**40, -1, 7], dtype="<i8"))
    save("texts.npy", np.array(["a", "b"]))
    save("objects.npy", np.array([{"a": 1}, None], dtype=object))
    save("records.npy", np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]))
    save("complex.npy", np.array([1 + 2j]))
    save("scalar.npy", np.array(3.5))
    save("empty.npy", np.zeros((0, 3)))
    images = np.arange(2 * 3 * 2 * 2, dtype="u1").reshape(2, 3, 2, 2)
    named = {"x": np.array([[1.5, 2.5], [3.5, 4.5]]), "y": np.array([1, 0]), "image": images}
    np.savez(FOLDER / "arrays.npz", **named)
    np.savez_compressed(FOLDER / "packed.npz", **named)
    np.savez(FOLDER / "unequal.npz", x=np.zeros(3), y=np.zeros(2))
    (FOLDER / "expected.json").write_text(json.dumps(expected))


def mnist():
    pixels = np.arange(5 * 4 * 3, dtype="u1").reshape(5, 4, 3)
    labels = np.array([7, 2, 1, 0, 4], dtype="u1")

    def idx(array):
        return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()

    (FOLDER / "images.idx3-ubyte").write_bytes(idx(pixels))
    (FOLDER / "labels.idx1-ubyte").write_bytes(idx(labels))
    (FOLDER / "test-images.idx3-ubyte.gz").write_bytes(gzip.compress(idx(pixels[:2] + 100), mtime=0))
    (FOLDER / "test-labels.idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels[:2]), mtime=0))


def pictures():
    folder = FOLDER / "pictures"
    for kind in ["cat", "dog"]:
        (folder / kind).mkdir(parents=True, exist_ok=True)
    height, width = 4, 6
    red = np.zeros((height, width, 3), dtype="u1")
    red[..., 0] = 200
    red[0, 1] = [1, 2, 3]
    Image.fromarray(red).save(folder / "cat" / "red.png")
    grey = np.arange(height * width, dtype="u1").reshape(height, width) * 10
    Image.fromarray(grey).save(folder / "cat" / "grey.png")
    Image.fromarray(red).convert("P").save(folder / "dog" / "palette.png")
    flat = np.full((height, width, 3), [10, 200, 90], dtype="u1")
    Image.fromarray(flat).save(folder / "dog" / "flat.jpg", quality=95, subsampling=0)
    Image.fromarray(np.dstack([red, np.full((height, width), 128, dtype="u1")])).save(folder / "dog" / "alpha.png")
    Image.fromarray(grey.astype("<u2") * 257).save(folder / "dog" / "deep.png")
    grey_folder = FOLDER / "grey"
    for kind in ["a", "b"]:
        (grey_folder / kind).mkdir(parents=True, exist_ok=True)
        Image.fromarray(grey).save(grey_folder / kind / "one.png")
    Image.fromarray(np.full((height, width), 77, dtype="u1")).save(grey_folder / "b" / "two.jpeg", quality=95, progressive=True)


FOLDER.mkdir(exist_ok=True)
arrays()
mnist()
pictures()
