"""The ladder of DESIGN: a module imports only what lies below it, and third parties live in their homes."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LADDER = (
    "testing",
    "cli",
    "tui",
    "agent",
    "tools",
    "steering",
    "driver",
    "study report",
    "plan proposers schedulers executors",
    "objectives insight",
    "variants",
    "surrogate cards inspection edits",
    "history replies sandbox",
    "store models prompts",
    "settings events",
    "spec processes",
    "trial goal budget exchange session variant",
    "space",
    "expressions redaction errors types units visible kernel",
)
"""Top to bottom; names on one line are siblings, which do not import each other unless SIBLINGS says so."""

RANK = {name: len(LADDER) - position for position, line in enumerate(LADDER) for name in line.split()}

SIBLINGS = {
    ("types", "errors"),
    ("expressions", "errors"),
    ("expressions", "types"),
    ("redaction", "types"),
    ("exchange", "trial"),
}
"""The few imports between siblings: leaves that hold no logic."""

HOMES = {
    "torch": ("models/local",),
    "optuna": ("history/optuna_view.py", "proposers/tpe.py", "insight", "report"),
    "scipy": ("proposers", "surrogate", "cli/confirm.py", "report"),
    "sqlalchemy": ("store",),
    "alembic": ("store",),
    "sqlite3": ("store",),
    "pydantic": ("space", "plan", "settings.py", "replies", "models", "tools"),
    "jinja2": ("prompts", "models/local/chat.py"),
    "textual": ("tui",),
    "rich": ("cli", "tui"),
    "markdown_it": ("tui/markdown.py",),
    "psutil": ("processes", "models/local/loading.py"),
    "sklearn": ("cards", "objectives", "surrogate"),
    "threadpoolctl": ("objectives", "surrogate/threads.py"),
    "pandas": ("cards", "objectives", "study"),
    "matplotlib": ("report",),
    "plotly": ("report",),
    "yaml": ("inspection",),
    "cloudpickle": ("executors", "objectives"),
    "openai": ("models/openai.py",),
    "keyring": ("models/keys.py",),
    "transformers": ("models/local",),
    "llguidance": ("models/local",),
    "accelerate": ("models/local",),
    "langchain_core": ("models/langchain.py", "models/chat_model.py", "models/user_chat.py", "tools"),
    "langsmith": ("models/langchain.py",),
}
"""Third-party package -> where it may be imported."""

FREE = {"numpy", "agenttune"}


def sources() -> Iterator[tuple[str, Path]]:
    """(dotted place below agenttune, file) of every module that is shipped."""
    for folder, prefix in (("agenttune", ""), ("prompts", "prompts/"), ("tools", "tools/"), ("tui", "tui/")):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield prefix + path.relative_to(ROOT / folder).as_posix(), path


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, absolute module name) of every import; `from agenttune import x` counts as agenttune.x."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "agenttune":
                yield from ((node.lineno, f"agenttune.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, node.module


def part(place: str) -> str:
    """First name of a place: "store/schema.py" -> "store", "trial.py" -> "trial"."""
    return place.split("/")[0].removesuffix(".py")


MODULES = [entry for entry in sources() if entry[0] not in ("__init__.py", "__main__.py")]


@pytest.fixture(scope="module")
def found() -> list[tuple[str, int, str]]:
    """(place, line, absolute module name) of every import of all modules."""
    return [(place, line, module) for place, path in MODULES for line, module in imports(path)]


def test_imports_run_downwards(found: list[tuple[str, int, str]]) -> None:
    upwards = []
    for place, line, module in found:
        if not module.startswith("agenttune."):
            continue
        here, there = part(place), module.split(".")[1]
        if there in ("__version__", here) or (here, there) in SIBLINGS:
            continue
        if RANK.get(there, 99) >= RANK[here]:
            upwards.append(f"{place}:{line}: {module}")
    assert upwards == []


def test_third_parties_stay_in_their_homes(found: list[tuple[str, int, str]]) -> None:
    strays = []
    for place, line, module in found:
        package = module.split(".")[0]
        if package in FREE or (package in sys.stdlib_module_names and package != "sqlite3"):
            continue
        if part(place) == "testing":  # suites for third parties: pytest, hypothesis and whatever is tested
            continue
        homes = HOMES.get(package)
        assert homes is not None, f"{package} has no home yet: give it one in HOMES and in the design"
        if not any(place == home or place.startswith(f"{home}/") for home in homes):
            strays.append(f"{place}:{line}: {module}")
    assert strays == []


def test_every_part_has_its_place_on_the_ladder() -> None:
    assert {part(place) for place, _ in MODULES} <= RANK.keys()


def test_no_module_is_imported_relatively() -> None:
    relative = [
        f"{place}:{node.lineno}"
        for place, path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []
