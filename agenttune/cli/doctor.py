"""`agenttune doctor`: what is installed, where things are, and whether they can be used."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune import __version__
from agenttune.cli.console import emit, is_interactive, is_live, put, width
from agenttune.cli.format import size
from agenttune.cli.options import add_store
from agenttune.errors import UserError
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.types import Json

DESCRIPTION = """\
Prints versions, torch's build and device, settings, model, store, terminal, disk, running studies
and how strongly code of a model is confined.
Exit code 2 when something that a study needs cannot be used."""

PACKAGES = (
    "numpy", "scipy", "pandas", "scikit-learn", "optuna", "torch",
    "sqlalchemy", "alembic", "pydantic", "psutil", "cloudpickle", "matplotlib", "rich", "textual",
    "openai", "keyring", "jinja2",
)  # fmt: skip
TORCH_S = 60.0
"""How long the child that imports torch may take; a driver that hangs must not hang the doctor."""
TORCH_PROBE = """
import json, torch
cuda = torch.cuda.is_available()
print(json.dumps({
    "build": torch.__version__, "cuda_build": torch.version.cuda,
    "devices": [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] if cuda else [],
    "mps": bool(getattr(torch.backends, "mps", None) and torch.backends.mps.is_available()),
    "threads": torch.get_num_threads(),
}))
"""
LABEL_CELLS = 14


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("--no-torch", action="store_true", help="leave the check of torch's device out")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints what was found."""
    found: dict[str, str] = {}
    problems: list[str] = []
    for label, text, is_fine in _checks(arguments):
        found[label] = clean(text)
        if not is_fine:
            problems.append(label)
        if not arguments.json:
            put(f"{label:<{LABEL_CELLS}}{clean(text)}" + ("" if is_fine else "   <- cannot be used"))
            sys.stdout.flush()
    if arguments.json:
        content: dict[str, Json] = {**found, "problems": list(problems)}
        emit(content)
    return 2 if problems else 0


def _checks(arguments: argparse.Namespace) -> Iterator[tuple[str, str, bool]]:
    """(label, what was found, whether it can be used)."""
    yield "agenttune", f"{__version__} in {Path(__file__).parents[1]}", True
    is_supported = sys.version_info >= (3, 11) and sys.platform != "win32"
    yield "python", f"{platform.python_version()} {sys.executable}", is_supported
    yield "platform", f"{platform.platform()}, {os.cpu_count()} CPUs{_memory()}", sys.platform != "win32"
    for name in PACKAGES:
        version = _version(name)
        yield name, version or "not installed", version is not None
    if not arguments.no_torch:
        yield ("torch device", *_torch())
    yield ("settings", *_settings())
    yield from _model()
    yield from _store(arguments.store)
    yield "processes", _processes(), True
    yield "sandbox", _sandbox(), True
    yield "terminal", _terminal(), True


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _memory() -> str:
    try:
        return f", {size(os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES'))} of memory"
    except (ValueError, OSError):
        return ""


def _torch() -> tuple[str, bool]:
    """Asked in a child of its own: a broken CUDA library may crash or hang whoever imports it."""
    import json

    try:
        answer = subprocess.run(
            [sys.executable, "-c", TORCH_PROBE], capture_output=True, text=True, timeout=TORCH_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"torch did not load within {TORCH_S:g} s", False
    if answer.returncode != 0:
        lines = answer.stderr.strip().splitlines()
        return f"torch does not load: {lines[-1] if lines else f'exit code {answer.returncode}'}", False
    told = json.loads(answer.stdout.strip().splitlines()[-1])
    devices = ", ".join(told["devices"]) or ("mps" if told["mps"] else "cpu")
    cuda = f"CUDA {told['cuda_build']}" if told["cuda_build"] else "no CUDA"
    return f"{devices} (build {told['build']}, {cuda}, {told['threads']} threads)", True


def _settings() -> tuple[str, bool]:
    from agenttune.settings import load_settings, settings_path

    path = settings_path()
    if not path.exists():
        return f"{path} (none, defaults)", True
    try:
        load_settings()
    except UserError as error:
        return str(error), False
    return str(path), True


def _model() -> Iterator[tuple[str, str, bool]]:
    """The model in force and whether there is a key; nothing is sent (`agenttune models test` does)."""
    from agenttune.cli.models import NONE_SET, key_of, model_in_force, place_of, price_words
    from agenttune.models.prices import price_of

    try:
        spec, source = model_in_force()
    except UserError:  # told under settings
        return
    if spec is None:
        yield "model", NONE_SET, True
        return
    try:
        key, (is_local, _) = key_of(spec), place_of(spec)
        price = price_of(spec, is_local=is_local)
    except UserError as error:
        yield "model", str(error), False
        return
    yield "model", f"{spec} (from {source})", True
    yield "model key", key, True
    yield "model price", price_words(price), True


def _store(given: str | None) -> Iterator[tuple[str, str, bool]]:
    from agenttune.cli.opening import store_path

    path = store_path(given)
    folder = next(parent for parent in path.parents if parent.exists())
    free = shutil.disk_usage(folder).free
    is_writable = os.access(path if path.exists() else folder, os.W_OK)
    state = size(path.stat().st_size) if path.exists() else "not made yet"
    yield "store", f"{path} ({state}{'' if is_writable else ', not writable'})", is_writable
    if path.exists():
        yield from _studies(path)
    yield "disk", f"{size(free)} free at {folder}", free > 100_000_000
    yield "locks", *_locks(folder if is_writable else Path(tempfile.gettempdir()))


def _studies(path: Path) -> Iterator[tuple[str, str, bool]]:
    from agenttune.store import Store
    from agenttune.study import status

    try:
        with Store.open(path) as store:
            damaged: list[UserError] = []
            stands = [(row.name, status(row)) for row in store.studies(on_damage=damaged.append)]
    except UserError as error:
        yield "studies", str(error), False
        return
    counts = {word: sum(entry == word for _, entry in stands) for word in dict.fromkeys(word for _, word in stands)}
    yield "studies", ", ".join(f"{count} {word}" for word, count in counts.items()) or "none", True
    yield from (("studies", str(error), False) for error in damaged)
    running = [name for name, word in stands if word == "running"]
    if running:
        yield "running", ", ".join(running), True


def _locks(folder: Path) -> tuple[str, bool]:
    """Whether file locks work in the store's folder (some network file systems have none)."""
    import fcntl

    try:
        with tempfile.TemporaryFile(dir=folder) as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return f"file locks do not work in {folder}: {error.strerror}", False
    return "flock and POSIX locks work", True


def _processes() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id")
    proc = f"/proc, boot {boot.read_text().strip()[:8]}" if boot.exists() else "no /proc"
    started = time.strftime("%H:%M:%S")
    return f"{proc}; it is {started} {time.strftime('%Z')}"


def _sandbox() -> str:
    """How strongly code that a model wrote is confined here; nothing but such code needs it."""
    from agenttune.sandbox import probe

    offer = probe()
    return "; ".join([f"{offer.level}, by {offer.method}", *offer.missing])


def _terminal() -> str:
    term = os.environ.get("TERM", "unset")
    kind = "live display" if is_live() else "plain lines"
    colour = ", no colour (NO_COLOR)" if os.environ.get("NO_COLOR") else ""
    return f"TERM {term}, {width()} columns, {kind}, {'can' if is_interactive() else 'cannot'} ask{colour}"
