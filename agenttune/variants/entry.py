"""The program around a variant inside the sandbox: inputs from files, `fit_predict`, predictions into a file.

Runs alone, with numpy and the standard library, as `python entry.py FILE FUNCTION SEED` in the work folder.
It keeps nothing from the code, which shares its process: all that counts is what `predictions.npy` holds
when it is over, read outside as the text of a stranger (predictions.py).
"""

from __future__ import annotations

import importlib.util
import inspect
import os
import random
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

INPUTS = ("train_x.npy", "train_y.npy", "new_x.npy")
PREDICTIONS = "predictions.npy"


def main() -> None:
    """Fits, predicts and writes; a failure is a traceback that begins in the variant's own frames."""
    file, name, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    sys.path[:0] = list(dict.fromkeys([str(file.absolute().parent), str(Path.cwd())]))
    arrays = [np.load(path, allow_pickle=False) for path in INPUTS]
    try:
        seed_all(seed)
        function = named(load(file), name, file=file)
        seed_all(seed)
        takes_seed = "seed" in inspect.signature(function).parameters
        returned = function(*arrays, seed=seed) if takes_seed else function(*arrays)
        np.save(PREDICTIONS, plain(returned, name), allow_pickle=False)
    except Exception as error:  # noqa: BLE001  # a model's code
        frames = error.__traceback__
        while frames is not None and frames.tb_frame.f_code.co_filename.startswith((__file__, "<frozen importlib")):
            frames = frames.tb_next
        traceback.print_exception(error.with_traceback(frames))
        sys.stdout.flush()
        sys.exit(1)


def seed_all(seed: int) -> None:
    """Seeds what draws without being told how; torch only where the code has imported it."""
    random.seed(seed)
    np.random.seed(seed)  # the global state, which code that nobody has read may use
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)


def load(file: Path) -> ModuleType:
    """The file as a module of its name, so that its own imports and pickles find it."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} cannot be imported as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def named(module: ModuleType, name: str, *, file: Path) -> Callable[..., Any]:
    """The function that fits and predicts."""
    function: Callable[..., Any] | None = getattr(module, name, None)
    if not callable(function):
        raise TypeError(f"{file} must define {name}(train_x, train_y, new_x), which returns predictions for new_x")
    return function


def plain(returned: Any, name: str) -> np.ndarray[Any, np.dtype[Any]]:
    """What the function returned, as an array without objects."""
    if hasattr(returned, "detach"):
        returned = returned.detach().cpu().numpy()
    array = np.asarray(returned)
    if array.dtype == object and all(isinstance(entry, str) for entry in array.ravel()):
        array = array.astype(str)
    if array.dtype.kind not in "fiubU":
        raise TypeError(f"{name} must return an array of numbers or labels, but got one of {array.dtype}")
    return array


if __name__ == "__main__":
    os.environ.pop("PYTHONHASHSEED", None)
    main()
