"""`agenttune models` tells the processes of this machine's models; `models stop` ends them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from agenttune.cli import main
from agenttune.cli.hosts import telling_progress
from agenttune.models.local import LocalModel
from agenttune.models.local.address import living_hosts
from agenttune.models.local.client import stop_hosts
from tests.models.local.hosts import fake_model, until

Output = pytest.CaptureFixture[str]
MESSAGES = [{"role": "user", "content": "anything"}]


@pytest.fixture
def model(tmp_path: Path) -> Iterator[LocalModel]:
    """One whose process runs."""
    model = fake_model(tmp_path / "tiny")
    model.complete(MESSAGES)
    yield model
    stop_hosts()


def words(capsys: Output) -> str:
    """What was told, however it was broken into lines."""
    return " ".join(capsys.readouterr().out.split())


def told(capsys: Output, *arguments: str) -> dict[str, Any]:
    """What a command tells as JSON."""
    assert main([*arguments, "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert isinstance(content, dict)
    return content


def test_process_is_told_with_its_model(model: LocalModel, capsys: Output) -> None:
    assert main(["models"]) == 0
    ((_, address),) = living_hosts()
    shown = words(capsys)
    assert f"process {model.spec} · auto · 1.5 MB · idle for 0." in shown
    assert shown.endswith(f" s · process {address.pid}")


def test_process_is_told_as_json(model: LocalModel, capsys: Output) -> None:
    (host,) = told(capsys, "models")["hosts"]
    assert (host["spec"], host["state"], host["requests"]) == (model.spec, "ready", 0)


def test_process_that_loads_says_how_far_it_is(tmp_path: Path, capsys: Output) -> None:
    gate = tmp_path / "gate"
    model = fake_model(tmp_path / "slow", loads_when=str(gate))
    with ThreadPoolExecutor(1) as pool:
        reply = pool.submit(model.complete, MESSAGES)
        until((tmp_path / "slow" / "starts").exists, "the host to load")
        assert main(["models"]) == 0
        gate.touch()
        assert reply.result().text
    assert f"{model.spec} · loading: weights: half of them · process" in words(capsys)
    stop_hosts()


def test_model_of_this_machine_needs_no_key_and_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setenv("AGENTTUNE_MODEL", f"hf:{tmp_path}")
    assert main(["models"]) == 0
    out = words(capsys)
    assert "· from AGENTTUNE_MODEL · local" in out
    assert "none needed: it runs on this machine" in out
    assert "free" in out
    assert "the first request to one starts it" in out


@pytest.mark.parametrize("is_named", [True, False])
def test_stop_ends_the_process(model: LocalModel, capsys: Output, is_named: bool) -> None:
    stopped = told(capsys, "models", "stop", *([model.spec] if is_named else []))["stopped"]
    assert [entry["spec"] for entry in stopped] == [model.spec]
    assert living_hosts() == []


def test_stop_of_one_leaves_the_others(model: LocalModel, tmp_path: Path, capsys: Output) -> None:
    other = fake_model(tmp_path / "other")
    assert main(["models", "stop", other.spec]) == 0
    assert f"none: {other.spec} does not run" in words(capsys)
    assert len(living_hosts()) == 1


def test_stop_without_any_says_so(capsys: Output) -> None:
    assert main(["models", "stop"]) == 0
    assert "no model runs on this machine" in words(capsys)


@pytest.mark.parametrize(("is_live", "said"), [(True, "it loads\n"), (False, "")])
def test_progress_of_loading_is_told_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: Output, is_live: bool, said: str
) -> None:
    monkeypatch.setattr("agenttune.cli.hosts.is_live", lambda: is_live)
    logger = logging.getLogger("agenttune.models.local.client")
    with telling_progress():
        logger.info("it\nloads")
    logger.info("and nobody asked")
    assert capsys.readouterr().err == said
