"""Proposals as a table: what is read off records, how it is drawn, and where it shows in a conversation."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from agenttune.agent import StudyHappened, ToolCalled, ToolReturned
from agenttune.agent.watch import Watch
from agenttune.session import SessionEntry
from agenttune.trial import MODEL, Outcome, Proposal, TrialState
from agenttune.tui.proposals import ProposalTable, proposals_content, table_of_call, table_of_news
from agenttune.tui.records import CallRecord, NoteRecord
from agenttune.tui.turns import records_of, show_event
from agenttune.tui.widgets.blocks import NewsBlock
from agenttune.types import Json
from tests.tui.test_transcript import Stage, settle
from tests.tui.workshop import CONFIG, Workshop

ORIGIN: dict[str, Json] = {
    "number": 14,
    "arm": "model",
    "reason": "small gamma did best so far; the surrogate finds nothing more promising",
    "predicted_mean": 0.9874,
    "predicted_sd": 0.0021,
    "prediction_source": "posterior",
    "gate": "the surrogate finds nothing more promising",
}
PROPOSED: dict[str, Json] = {
    "config": {"C": 12.5, "gamma": 0.0012, "kernel": "rbf"},
    "arm": "human",
    "reason": "between the two best trials",
    "answer": "trial 16 waits to run",
}
FORESEEN: dict[str, Json] = {
    "rows": [
        {"position": 2, "config": {"C": 12.5}, "mean": 0.98, "sd": 0.002, "p_better": 0.31, "number": None},
        {"position": 1, "config": {"C": 500.0}, "mean": 0.41, "sd": 0.2, "p_better": 0.02, "number": 13},
        {"position": 3, "config": None, "problem": "`C` must be at most 1000", "mean": None},
    ]
}


def drawn(table: ProposalTable | None, width: int = 76) -> list[str]:
    assert table is not None
    return proposals_content(table, width).plain.splitlines()


def test_news_tell_arm_reason_prediction_and_the_gates_sentence() -> None:
    assert [line.rstrip() for line in drawn(table_of_news([ORIGIN]), 100)] == [
        "     arm    predicted        why",
        "#14  model  0.9874 ± 0.0021  small gamma did best so far",
        "                             gate: the surrogate finds nothing more promising",
        "                             predicted by the surrogate",
    ]


def test_own_configuration_tells_what_was_put_in_and_what_was_answered() -> None:
    assert [line.rstrip() for line in drawn(table_of_call("propose", PROPOSED))] == [
        "arm    why",
        "human  between the two best trials",
        "       C=12.5  gamma=0.0012  kernel=rbf",
        "       trial 16 waits to run",
    ]


def test_predictions_keep_their_order_and_say_what_is_no_configuration() -> None:
    lines = [line.rstrip() for line in drawn(table_of_call("predict", FORESEEN))]
    assert lines[0].split() == ["predicted", "configuration"]
    assert lines[1].split() == ["2", "0.9800", "±", "0.0020", "C=12.5"]
    assert "31% likely to beat the best" in lines[2] and "trial 13 has it" in lines[5]
    assert lines[6].split(maxsplit=1) == ["3", "`C` must be at most 1000"]


def test_calls_that_told_of_none_have_no_table() -> None:
    assert table_of_call("show_study", {"rows": []}) is None
    assert table_of_call("propose", {}) is None and table_of_call("predict", {"rows": "?"}) is None
    assert table_of_news([{}]) is None


@pytest.mark.parametrize("width", [56, 80, 116, 200])
def test_rows_fit_and_line_up(width: int) -> None:
    long: dict[str, Json] = {
        **ORIGIN,
        "reason": "表 because " * 30,
        "arm": "\x1b[31ma very long name[/]",
        "gate": "x" * 300,
    }
    lines = drawn(table_of_news([ORIGIN, long]), width)
    assert max(map(cell_len, lines)) <= width and "\x1b" not in "".join(lines)
    assert len({line.index("±") for line in lines if "±" in line}) == 1


def test_watch_tells_where_a_trial_came_from(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.9)
    watch = Watch(shop.store, study_id, since_now=True)
    memory: dict[str, Json] = {"gate": {"rule": "slack", "sentence": "close enough"}}
    shop.store.add_trial(study_id, Proposal(CONFIG, MODEL, "a guess", predicted_mean=0.95, memory=memory), seed=0)
    shop.store.claim(study_id)
    shop.store.finish(study_id, 1, TrialState.COMPLETE, outcome=Outcome({"accuracy": 0.97}, 1.0))
    (told,) = watch.news()
    assert told.sentence.startswith("trial 1 is the best so far")
    assert [told.origin[key] for key in ("number", "arm", "reason", "gate")] == [1, MODEL, "a guess", "close enough"]


async def test_news_unfold_to_the_proposal(shop: Workshop) -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        show_event(app.transcript, StudyHappened("svm", "trial 14 is the best so far: accuracy 0.9889", ORIGIN))
        show_event(app.transcript, StudyHappened("svm", "it is paused"))
        await settle(pilot)
        assert app.shows("▸ · trial 14 is the best so far") and not app.shows("gate:")
        app.query_one(NewsBlock).focus()
        await pilot.press("space")
        await settle(pilot)
        assert app.shows("▾ · trial 14") and app.shows("gate: the surrogate finds")
        await pilot.press("ctrl+o")
        await settle(pilot)
        assert not app.shows("gate:")


async def test_call_unfolds_to_the_table_and_what_the_model_read() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        show_event(app.transcript, ToolCalled("a", "propose", {"reason": "why not"}))
        show_event(
            app.transcript, ToolReturned("a", "propose", "study svm: {}: trial 16 waits to run", False, PROPOSED)
        )
        await pilot.press("ctrl+o")
        await settle(pilot)
        assert app.shows("human  between the two best trials") and app.shows("study svm: {}")


def test_earlier_conversation_has_its_tables() -> None:
    calls: list[Json] = [{"id": "a", "name": "propose", "arguments": "{}"}]
    contents: list[tuple[str, dict[str, Json]]] = [
        ("reply", {"text": "", "by": "m", "calls": calls}),
        ("tool", {"id": "a", "name": "propose", "text": "done", "is_error": False, "record": PROPOSED}),
        ("study", {"text": "svm: trial 14 is the best so far", "origins": [ORIGIN]}),
    ]
    entries = [SessionEntry(at, float(at), kind, content) for at, (kind, content) in enumerate(contents)]
    call, note = records_of(entries)
    assert isinstance(call, CallRecord) and call.proposals == table_of_call("propose", PROPOSED)
    assert isinstance(note, NoteRecord) and note.proposals == table_of_news([ORIGIN])
