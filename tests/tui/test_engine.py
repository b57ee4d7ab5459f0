"""What the interface asks of the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agenttune.agent import offline
from agenttune.errors import StudyNotFound, TrialNotFound, UserError
from agenttune.history import read_view
from agenttune.plan import understand
from agenttune.spec import StudyState
from agenttune.tui.engine import LOG_BYTES, Engine, read_tail
from agenttune.tui.widgets.welcome import ASKS, EXAMPLES
from tests.tui.workshop import CONFIG, Workshop


@pytest.mark.parametrize("request_text", EXAMPLES[:2])
def test_every_example_is_understood_as_it_stands(request_text: str) -> None:
    plan = understand(request_text)
    assert plan.understood()[0][0] == "understood"
    assert plan.request.text == request_text


@pytest.mark.parametrize("text", ASKS)
def test_every_thing_to_ask_is_understood_as_it_stands(shop: Workshop, text: str) -> None:
    row = shop.store.study(shop.study())
    assert offline.read(text, read_view(shop.store, row), row=row).question is None


def test_studies_are_listed_newest_first_with_their_best(shop: Workshop) -> None:
    shop.complete(shop.study("old"), CONFIG, 0.5)
    shop.study("new")
    assert [(line.name, line.best) for line in shop.engine.studies()] == [("new", None), ("old", 0.5)]


def test_study_is_found_by_its_name(shop: Workshop) -> None:
    study_id = shop.study("svm-digits")
    assert shop.engine.find("svm").id == study_id
    with pytest.raises(StudyNotFound):
        shop.engine.find("nobody")


def test_control_needs_a_driver(shop: Workshop) -> None:
    study_id = shop.study(is_driven=False)
    with pytest.raises(UserError, match=r"no process drives study 'svm-digits'.*/continue"):
        shop.engine.control(study_id, "pause")
    assert shop.store.take_controls(study_id) == []


def test_control_of_a_study_that_has_ended_advises_no_continue(shop: Workshop) -> None:
    study_id = shop.study(state=StudyState.FINISHED, is_driven=False)
    with pytest.raises(UserError, match=r"is finished: there is nothing to pause$"):
        shop.engine.control(study_id, "pause")


@pytest.mark.parametrize(
    ("state", "controls"),
    [(StudyState.RUNNING, []), (StudyState.STOPPED, ["resume"]), (StudyState.PAUSED, ["resume"]), (StudyState.NEW, [])],
)
def test_study_without_a_driver_gets_one_to_go_on(shop: Workshop, state: StudyState, controls: list[str]) -> None:
    study_id = shop.study(state=state, is_driven=False)
    shop.engine.go_on(study_id)
    assert shop.engine.driven == [study_id]
    assert [entry[1] for entry in shop.store.take_controls(study_id)] == controls


def test_study_of_a_program_of_its_own_is_not_driven(shop: Workshop) -> None:
    spec = replace(shop.store.study(shop.study()).spec, name="mine", objective={"type": "told"})
    with pytest.raises(UserError, match="'mine' is driven by `ask` and `tell`"):
        shop.engine.go_on(shop.store.create_study(spec).id)
    assert shop.engine.driven == []


def test_unknown_trial_is_refused(shop: Workshop) -> None:
    with pytest.raises(TrialNotFound):
        shop.engine.detail(shop.study(), 7)


def test_looking_for_studies_makes_no_store(tmp_path: Path) -> None:
    assert Engine(tmp_path / "none.db").studies() == []
    with pytest.raises(StudyNotFound, match="no store at"):
        Engine(tmp_path / "none.db").go_on("study")
    assert list(tmp_path.iterdir()) == []


def test_tail_of_a_huge_log_begins_with_a_whole_line(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text("".join(f"{i:0600}\n" for i in range(1000)))
    lines = read_tail(log)
    assert {len(line) for line in lines} == {600} and sum(map(len, lines)) < LOG_BYTES


def test_log_that_is_gone_is_empty(tmp_path: Path) -> None:
    assert read_tail(tmp_path / "none") == []


def test_binary_log_is_shown_as_text(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_bytes(b"\xff\xfe\x00ok\x1b[31m\n")
    assert read_tail(log)[0].isprintable()
