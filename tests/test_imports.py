"""Importing is free: heavy packages load when they are used, never before."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "torch transformers llguidance accelerate openai scipy optuna textual langchain_core langsmith sqlalchemy "
    "pandas sklearn matplotlib"
).split()


def loaded_after(code: str) -> set[str]:
    """Names of the top-level packages that a fresh interpreter has loaded after `code`."""
    script = f"{code}\nimport sys; print(*sorted({{name.split('.')[0] for name in sys.modules}}), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == ""
    return set(done.stderr.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_after("import agenttune").isdisjoint([*HEAVY, "numpy", "pydantic"])


def test_spaces_and_goals_load_nothing_heavy() -> None:
    code = "import agenttune as at; at.Space(lr=at.Float(1e-5, 1e-1, log=True)); at.Goal('loss', 'minimize')"
    assert loaded_after(code).isdisjoint([*HEAVY, "pydantic"])


@pytest.mark.parametrize("module", ["agenttune.executors.process", "agenttune.executors.child"])
def test_running_an_attempt_loads_nothing_heavy(module: str) -> None:
    assert loaded_after(f"import {module}").isdisjoint([*HEAVY, "pydantic"])


def test_driving_a_study_loads_no_model_library_before_it_proposes() -> None:
    loaded = loaded_after("import agenttune.driver")
    assert loaded.isdisjoint({"torch", "scipy", "optuna", "textual", "sklearn", "matplotlib", "openai"})
    assert loaded.isdisjoint({"transformers", "langchain_core", "langsmith"})


def test_a_server_s_model_loads_no_langchain() -> None:
    loaded = loaded_after("from agenttune.models import load_model; load_model('http://127.0.0.1:9/v1#test')")
    assert "openai" in loaded
    assert loaded.isdisjoint({"langchain_core", "langsmith", "transformers", "torch"})


def test_langchain_loads_no_other_model_library() -> None:
    loaded = loaded_after("import agenttune.models.langchain, agenttune.models.chat_model")
    assert "langchain_core" in loaded
    assert loaded.isdisjoint({"torch", "transformers", "openai"})


def test_public_names_are_exactly_those_announced() -> None:
    import agenttune

    for name in agenttune.__all__:
        assert getattr(agenttune, name) is not None
    assert set(dir(agenttune)) == set(agenttune.__all__)


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    import agenttune

    with pytest.raises(AttributeError, match="no_such_name"):
        _ = agenttune.no_such_name
