"""What is installed is what lies in the folders: packages, data files, the type checkers' links, the pins."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
MAPPED = PROJECT["tool"]["setuptools"]["package-dir"]


def packages_on_disk() -> set[str]:
    """Dotted names of all folders that hold Python modules."""
    found = set()
    for package, folder in MAPPED.items():
        for path in (ROOT / folder).rglob("__init__.py"):
            below = path.parent.relative_to(ROOT / folder).parts
            found.add(".".join((package, *below)))
    return found


def test_every_package_is_listed() -> None:
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == packages_on_disk()


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for folder in MAPPED.values() for path in (ROOT / folder).rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


@pytest.mark.parametrize("name", ["prompts", "tools", "tui", "__init__.py"])
def test_type_checkers_find_the_mapped_folders(name: str) -> None:
    link = ROOT / ".typecheck" / "agenttune" / name
    target = ROOT / ("agenttune/__init__.py" if name == "__init__.py" else name)
    assert link.is_symlink() and link.resolve() == target.resolve()


def test_the_wheel_holds_every_module_and_data_file(tmp_path: Path) -> None:
    wheel = build_copy(tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    expected = {"agenttune/py.typed", "agenttune/models/prices.toml", "agenttune/tui/agenttune.tcss"}
    expected |= {f"agenttune/plan/requests/{name}.jsonl" for name in ("development", "held_out")}
    for package, folder in MAPPED.items():
        below = ROOT / folder
        files = [*below.rglob("*.py"), *below.rglob("*.jinja")]
        expected |= {f"{package.replace('.', '/')}/{path.relative_to(below)}" for path in files}
    assert expected <= held


def build_copy(tmp_path: Path) -> Path:
    """Builds a wheel from a copy of the sources, so that the checkout stays as it is."""
    source = tmp_path / "source"
    for name in ("agenttune", "prompts", "tools", "tui"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    return next(tmp_path.glob("*.whl"))


def test_every_dependency_is_pinned() -> None:
    pins = {line.split("==")[0].lower() for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line}
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = [*PROJECT["project"]["dependencies"], *(entry for group in extras.values() for entry in group)]
    names = {re.split(r"[<>=\[ ]", entry)[0].lower() for entry in wanted}
    assert names <= pins


def test_torch_is_pinned_by_version_not_by_build() -> None:
    assert "torch==2.13.0" in (ROOT / "constraints.txt").read_text().splitlines()


def test_the_version_is_stated_once_for_people_and_once_for_code() -> None:
    import agenttune

    assert PROJECT["project"]["version"] == agenttune.__version__
