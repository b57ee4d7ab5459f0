"""A local model that loads is told to whoever follows a study that waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from agenttune.cli import following
from agenttune.cli.displays import TableDisplay
from agenttune.cli.loading import Loading
from agenttune.events import Event, ModelAnswered, ModelAsked
from agenttune.models.local import LocalModel
from agenttune.models.local.client import stop_hosts
from agenttune.store import Store
from agenttune.testing.store import make_spec
from tests.models.local.hosts import fake_model, until

Output = pytest.CaptureFixture[str]
ASKED = ModelAsked(3, 6.0)
SENTENCE = "the model is loading: weights: half of them; trial 3 waits up to 6.0 s for it"


@pytest.fixture
def loads(tmp_path: Path) -> Iterator[LocalModel]:
    """One that loads until the test is over."""
    gate = tmp_path / "gate"
    model = fake_model(tmp_path / "slow", loads_when=str(gate))
    with ThreadPoolExecutor(1) as pool:
        pool.submit(model.complete, [{"role": "user", "content": "anything"}])
        until((tmp_path / "slow" / "starts").exists, "the host to load")
        yield model
        gate.touch()
    stop_hosts()


def said(loading: Loading) -> str:
    """What there is to tell, once there is something."""
    found: list[str] = []

    def is_told() -> bool:
        found.extend(filter(None, [loading.news()]))
        return bool(found)

    until(is_told, "news of the model")
    return found[0]


def test_loading_is_told_once_while_an_answer_is_waited_for(loads: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agenttune.cli.loading.POLL_S", 0.0)
    loading = Loading(loads.spec)
    assert loading.news() is None, "nobody asked it"
    loading.hear(ASKED)
    assert said(loading) == SENTENCE
    assert loading.news() is None
    loading = Loading(loads.spec)
    loading.hear(ASKED)
    loading.hear(ModelAnswered(1, loads.spec, "used"))
    assert loading.news() is None


def test_trials_that_wait_no_longer_are_told_so(loads: LocalModel) -> None:
    loading = Loading(loads.spec)
    loading.hear(ModelAsked(3, 0.0))
    assert said(loading) == "the model is loading: weights: half of them; trials go on without"


@pytest.mark.parametrize("model", [None, "openai:gpt-5.6", "hf:./nowhere"])
def test_other_models_have_no_news(model: str | None) -> None:
    loading = Loading(model)
    loading.hear(ASKED)
    assert loading.news() is None


def test_follower_of_a_study_is_told(
    loads: LocalModel, store: Store, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = store.create_study(replace(make_spec(), model=loads.spec))

    def asked_and_waiting(*_: object, **__: object) -> Iterator[tuple[int, float, Event] | None]:
        yield 1, 0.0, ASKED
        while SENTENCE not in capsys.readouterr().err:
            yield None

    monkeypatch.setattr(following, "follow", asked_and_waiting)
    assert following.follow_study(store, row, TableDisplay(row)).fatal is None
