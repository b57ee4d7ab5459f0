"""One question for a variant with everything around it: real store, real checks, a model that answers from a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agenttune.budget import Budget
from agenttune.errors import ModelError
from agenttune.events import CodeRefused, ModelAnswered
from agenttune.replies.asking import Asking
from agenttune.store import Store
from agenttune.testing.scripted import ScriptedModel, Step
from agenttune.testing.store import make_spec
from agenttune.variant import Direction, Lesson, RefusedBlock, Variant
from agenttune.variants.desk import CodeDesk
from agenttune.variants.question import MAX_BLOCKS_ALONE, CodeQuestion
from agenttune.variants.tree import Step as TreeStep
from tests.variants.study import PlainWriter, TinyChecker, block, directions, v0

IDEAS = directions("square it", "negate it")
SQUARE, NEGATE = block("return x * x"), block("return -x")
IMPROVE = TreeStep("improve", 0)


class Killed(BaseException):
    """Stands for the end of a driver."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.db") as store:
        yield store


@pytest.fixture
def study(store: Store) -> str:
    made = store.create_study(make_spec()).id
    store.add_code_entries(made, [v0()])
    return made


def ask(
    store: Store,
    study: str,
    model: ScriptedModel,
    *,
    step: TreeStep = IMPROVE,
    checker: TinyChecker | None = None,
    budget: Budget | None = None,
    keeps: Store | None = None,
    **changes: int | TreeStep,
) -> tuple[str, str | None]:
    """(verdict, why) of a question that knows what the store has."""
    asking = Asking(model, store=store, study_id=study, budget=lambda: budget or Budget())
    desk = CodeDesk(asking, keeps or store, study, checker or TinyChecker())
    question = CodeQuestion(step, store.code_entries(study), PlainWriter(), asked_at=1, seed=7)
    answer = desk.ask(replace(question, **changes))  # type: ignore[arg-type]  # fields of a question
    return answer.verdict, answer.why


def asked(model: ScriptedModel) -> list[str]:
    """The last message of each request."""
    return [str(entry.messages[-1]["content"]) for entry in model.asked]


def refused(store: Store, study: str) -> list[RefusedBlock]:
    return [entry for entry in store.code_entries(study) if isinstance(entry, RefusedBlock)]


def variants(store: Store, study: str) -> list[Variant]:
    return [entry for entry in store.code_entries(study) if isinstance(entry, Variant)]


# -- one good reply --------------------------------------------------------------------------------


def test_directions_then_a_block_become_a_variant_with_all_that_it_came_from(store: Store, study: str) -> None:
    model = ScriptedModel(IDEAS, SQUARE)
    assert ask(store, study, model) == ("used", None)
    _, first, second, variant = store.code_entries(study)
    assert (first, second) == (
        Direction(0, "improve", "square it", (1,), 1, id=2),
        Direction(0, "improve", "negate it", (1,), 1, id=3),
    )
    assert isinstance(variant, Variant)
    assert (variant.number, variant.parent, variant.action, variant.idea) == (1, 0, "improve", "square it")
    assert variant.block == "def predict(x):\n    return x * x\n"
    assert (variant.direction, variant.exchange_ids, variant.asked_at) == (2, (2,), 1)
    assert [exchange.verdict for _, exchange in store.exchanges(study)] == ["used", "used"]
    assert model.asked[0].schema is None


def test_numbers_of_a_block_are_kept_with_it(store: Store, study: str) -> None:
    text = block('PARAMS = {"lr": 0.5}\n    RANGES = {"lr": [0.1, 1.0]}\n    return x * PARAMS["lr"]')
    ask(store, study, ScriptedModel(IDEAS, text))
    variant = variants(store, study)[1]
    assert variant.defaults == {"lr": 0.5}
    assert variant.parameters["lr"] == {"type": "float", "low": 0.1, "high": 1.0, "default": 0.5}


def test_next_question_takes_the_next_direction_without_asking_for_more(store: Store, study: str) -> None:
    ask(store, study, ScriptedModel(IDEAS, SQUARE))
    model = ScriptedModel(NEGATE)
    assert ask(store, study, model, asked_at=2, seed=8) == ("used", None)
    assert asked(model) == ["block negate it of 4"]


def test_directions_for_another_parent_or_action_are_asked_for_anew(store: Store, study: str) -> None:
    ask(store, study, ScriptedModel(IDEAS, SQUARE))
    model = ScriptedModel(directions("start from the median"), NEGATE)
    assert ask(store, study, model, step=TreeStep("draft", 0), asked_at=2) == ("used", None)
    assert asked(model)[0] == "directions draft v0 of 4"
    assert variants(store, study)[-1].action == "draft"


def test_lessons_are_kept_for_variants_that_there_are(store: Store, study: str) -> None:
    ask(store, study, ScriptedModel(directions("square it", v0="linear is weak", v9="nobody"), SQUARE))
    lessons = [entry for entry in store.code_entries(study) if isinstance(entry, Lesson)]
    assert lessons == [Lesson(0, "linear is weak", (1,), 1, id=2)]


def test_direction_that_was_offered_before_is_no_new_one(store: Store, study: str) -> None:
    ask(store, study, ScriptedModel(directions("square it"), SQUARE))
    model = ScriptedModel(directions("Square  IT"))
    assert ask(store, study, model, asked_at=2)[0] == "duplicate"
    assert len(model.asked) == 1


def test_ideas_for_another_variant_are_written_where_the_parent_gets_no_new_ones(store: Store, study: str) -> None:
    ask(store, study, ScriptedModel(directions("square it", "negate it"), SQUARE))
    model = ScriptedModel(directions(), NEGATE)
    assert ask(store, study, model, step=TreeStep("improve", 1), asked_at=2) == ("used", None)
    assert [(entry.parent, entry.idea) for entry in variants(store, study)[2:]] == [(0, "negate it")]


def test_ideas_for_another_variant_are_left_alone_by_a_model_that_is_gone(store: Store, study: str) -> None:
    ask(store, study, ScriptedModel(directions("square it", "negate it"), SQUARE))
    model = ScriptedModel(ModelError("no answer", verdict="timeout"))
    assert ask(store, study, model, step=TreeStep("improve", 1), asked_at=2) == ("timeout", "no answer")
    assert len(model.asked) == 1


def test_improvement_follows_a_mend_that_was_refused_where_nothing_else_can_run(store: Store, study: str) -> None:
    ask(store, study, ScriptedModel(IDEAS, SQUARE))
    model = ScriptedModel(SQUARE, NEGATE)
    assert ask(store, study, model, step=TreeStep("debug", 1), asked_at=2, instead=IMPROVE) == ("used", None)
    assert [(entry.parent, entry.action) for entry in variants(store, study)[2:]] == [(0, "improve")]
    assert ask(store, study, ScriptedModel(), step=TreeStep("debug", 1), asked_at=2, instead=IMPROVE)[0] == "used"


def test_answer_is_announced_without_counting_candidates(store: Store, study: str) -> None:
    ask(store, study, ScriptedModel(IDEAS, SQUARE))
    told = [event.sentence for _, _, event in store.events(study) if isinstance(event, ModelAnswered)]
    assert told == ["the model answered in 0.0 s"] * 2


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        ("no code here", "no-code"),
        (block("return x +"), "unparsable"),
        (block("return x", name="guess"), "wrong-target"),
        (block("return x", arguments="x, y"), "changed-interface"),
        (block("import socket\n    return x"), "forbidden-import"),
        (block('PARAMS = {"lr": x}\n    return x'), "bad-numbers"),
        (f"{SQUARE}\n{NEGATE}", "several-blocks"),
    ],
)
def test_broken_rule_is_named_in_one_repair_request(store: Store, study: str, bad: str, kind: str) -> None:
    model = ScriptedModel(IDEAS, bad, SQUARE)
    assert ask(store, study, model) == ("repaired", None)
    first, said, repair = model.asked[2].messages
    assert (first["role"], said["content"], repair["role"]) == ("user", bad, "user")
    assert f"({kind})" in str(repair["content"])
    assert variants(store, study)[1].exchange_ids == (2, 3)
    assert [exchange.verdict for _, exchange in store.exchanges(study)][2] == "repaired"
    assert refused(store, study) == []


def test_second_broken_block_is_refused_and_the_next_direction_is_written(store: Store, study: str) -> None:
    bad = block("return x", arguments="x, y")
    model = ScriptedModel(IDEAS, bad, bad, NEGATE)
    assert ask(store, study, model) == ("used", None)
    (entry,) = refused(store, study)
    assert (entry.kind, entry.parent, entry.idea, entry.direction, entry.exchange_ids) == (
        *("changed-interface", 0, "square it", 2),
        (2, 3),
    )
    assert entry.block == bad
    assert asked(model)[3] == "block negate it of 4"
    assert variants(store, study)[1].direction == 3
    assert [event.kind for _, _, event in store.events(study) if isinstance(event, CodeRefused)] == [
        "changed-interface"
    ]


def test_two_refused_blocks_are_the_end_of_a_question(store: Store, study: str) -> None:
    model = ScriptedModel(directions("a", "b", "c"), block("return x", name="guess"))
    verdict, why = ask(store, study, model)
    assert (verdict, len(model.asked), len(refused(store, study))) == ("illegal", 5, 2)
    assert why is not None and "predict" in why


def test_question_where_nothing_else_can_run_goes_on_for_longer(store: Store, study: str) -> None:
    model = ScriptedModel(directions(*"abcdefgh"), "no code")
    assert ask(store, study, model, max_blocks=MAX_BLOCKS_ALONE, k=8)[0] == "unparsable"
    assert len(refused(store, study)) == MAX_BLOCKS_ALONE


def test_same_code_in_other_words_is_a_duplicate_and_is_not_repaired(store: Store, study: str) -> None:
    ask(store, study, ScriptedModel(IDEAS, SQUARE))
    same = block("return x * x  # same")
    model = ScriptedModel(same, "nothing")
    ask(store, study, model, asked_at=2)
    (entry, *_) = refused(store, study)
    assert (entry.kind, entry.twin) == ("duplicate", 1)
    assert "v1" in entry.reason


def test_word_that_looks_like_a_key_is_told_back_since_it_is_not_kept(store: Store, study: str) -> None:
    model = ScriptedModel(IDEAS, block("return dict(access_token=embedded_x)"), SQUARE)
    assert ask(store, study, model) == ("repaired", None)
    assert "*** stands there for what looks like a key" in asked(model)[2]
    assert "access_token=***" in str(model.asked[2].messages[1]["content"])


def test_code_is_hashed_as_it_is_kept_and_run(store: Store, study: str) -> None:
    checker = TinyChecker({'"***"': "as kept", "hunter22hunter": "as written"})
    ask(store, study, ScriptedModel(IDEAS, block('password = "hunter22hunter"\n    return x')), checker=checker)
    made = variants(store, study)[1]
    assert (made.block, made.fingerprint) == ('def predict(x):\n    password = "***"\n    return x\n', "as kept")


def test_user_code_as_it_is_is_unchanged(store: Store, study: str) -> None:
    ask(store, study, ScriptedModel(IDEAS, f"```python\n{v0().block}```"))
    assert {entry.kind for entry in refused(store, study)} == {"unchanged"}


def test_user_code_in_place_of_another_variant_is_a_duplicate_of_it(store: Store, study: str) -> None:
    ask(store, study, ScriptedModel(IDEAS, SQUARE))
    model = ScriptedModel(directions("undo it"), f"```python\n{v0().block}```", "nothing")
    ask(store, study, model, step=TreeStep("improve", 1), asked_at=2)
    assert (refused(store, study)[0].kind, refused(store, study)[0].twin) == ("duplicate", 0)


def test_code_that_does_the_same_is_a_duplicate_of_its_twin(store: Store, study: str) -> None:
    checker = TinyChecker({"x * x": "same", "x**2": "same"})
    ask(store, study, ScriptedModel(IDEAS, SQUARE), checker=checker)
    ask(store, study, ScriptedModel(block("return x**2"), "nothing"), checker=checker, asked_at=2)
    entry = refused(store, study)[0]
    assert (entry.kind, entry.twin) == ("duplicate", 1)
    assert variants(store, study)[1].fingerprint == "same"


def test_code_that_does_what_the_users_own_does_is_unchanged(store: Store, study: str) -> None:
    checker = TinyChecker({'x * PARAMS["lr"]': "same", "x / 100": "same"})
    ask(store, study, ScriptedModel(IDEAS, block("return x / 100"), "nothing"), checker=checker)
    assert (refused(store, study)[0].kind, refused(store, study)[0].twin) == ("unchanged", 0)


# -- mends -----------------------------------------------------------------------------------------


def test_mend_needs_no_direction_and_is_tried_once(store: Store, study: str) -> None:
    model = ScriptedModel("no code")
    assert ask(store, study, model, step=TreeStep("debug", 0))[0] == "unparsable"
    assert asked(model)[0] == "debug v0 of 1"
    (entry,) = refused(store, study)
    assert (entry.direction, entry.idea, len(model.asked)) == (None, "mends v0", 2)


def test_mend_becomes_a_variant(store: Store, study: str) -> None:
    assert ask(store, study, ScriptedModel(SQUARE), step=TreeStep("debug", 0))[0] == "used"
    made = variants(store, study)[1]
    assert (made.action, made.idea, made.direction) == ("debug", "mends v0", None)


# -- models that fail, and bounds ------------------------------------------------------------------


@pytest.mark.parametrize("fails_at", [0, 1])
def test_model_that_fails_leaves_no_entry_of_what_it_did_not_say(store: Store, study: str, fails_at: int) -> None:
    steps: list[Step] = [IDEAS, SQUARE]
    steps[fails_at:] = [ModelError("no answer", verdict="timeout")]
    model = ScriptedModel(*steps)
    assert ask(store, study, model) == ("timeout", "no answer")
    assert (len(model.asked), refused(store, study)) == (fails_at + 1, [])


def test_model_that_fails_at_the_repair_leaves_the_first_refusal(store: Store, study: str) -> None:
    error = ModelError("no answer", verdict="timeout")
    model = ScriptedModel(IDEAS, "no code", error, NEGATE)
    assert ask(store, study, model) == ("used", None)
    assert [entry.exchange_ids for entry in refused(store, study)] == [(2,)]


def test_directions_that_cannot_be_read_are_told_back_once(store: Store, study: str) -> None:
    model = ScriptedModel("I have no ideas.", IDEAS, SQUARE)
    assert ask(store, study, model) == ("used", None)
    assert [message["role"] for message in model.asked[1].messages][-2:] == ["assistant", "user"]
    assert "none can be read" in asked(model)[1]


def test_directions_that_cannot_be_read_twice_end_the_question(store: Store, study: str) -> None:
    model = ScriptedModel("I have no ideas.", "None at all.")
    assert ask(store, study, model)[0] == "unparsable"
    assert len(model.asked) == 2


@pytest.mark.parametrize("verdict", ["empty", "cut", "refused"])
def test_reply_without_code_costs_its_direction_alone(store: Store, study: str, verdict: str) -> None:
    model = ScriptedModel(IDEAS, ModelError("no text came", verdict=verdict), NEGATE)
    assert ask(store, study, model) == ("used", None)
    assert [(entry.kind, entry.reason) for entry in refused(store, study)] == [("no-code", "no text came")]


def test_budget_of_requests_holds_within_a_question(store: Store, study: str) -> None:
    model = ScriptedModel(IDEAS, "no code")
    assert ask(store, study, model, budget=Budget(requests=2))[0] == "over-budget"
    assert len(model.asked) == 2
    assert store.spent(study).requests == 2


# -- drivers that end ------------------------------------------------------------------------------


class Dying:
    """A store that a driver loses before its n-th entries are written."""

    def __init__(self, store: Store, n: int) -> None:
        self._store = store
        self._left = n

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def add_code_entries(self, study_id: str, entries: object) -> object:
        """Keeps them, or dies."""
        if self._left == 0:
            raise Killed
        self._left -= 1
        return self._store.add_code_entries(study_id, entries)  # type: ignore[arg-type]  # entries


BAD = block("return x", arguments="x, y")
SCRIPT = {
    "directions improve v0 of 1": IDEAS,
    "block square it of 3": BAD,
    "block negate it of 4": NEGATE,
}


class ByRequest(ScriptedModel):
    """Answers each request by its own words, however often and by whichever driver it is asked."""

    def complete(self, messages, **rest):  # type: ignore[no-untyped-def]  # as ScriptedModel's
        """The reply."""
        reply = super().complete(messages, **rest)
        return replace(reply, text=SCRIPT.get(str(messages[-1]["content"]), BAD))


class ByWords(ScriptedModel):
    """Answers each request by what it begins with; what is told back is answered as before."""

    def __init__(self, script: dict[str, str]) -> None:
        super().__init__()
        self.script = script

    def complete(self, messages, **rest):  # type: ignore[no-untyped-def]  # as ScriptedModel's
        """The reply."""
        reply = super().complete(messages, **rest)
        asked = str(messages[0]["content"])
        return replace(reply, text=next(text for words, text in self.script.items() if asked.startswith(words)))


@pytest.mark.parametrize("n_kept", [0, 1, 2])
def test_killed_between_exchange_and_entry_leads_to_the_same_entries_and_sends_nothing_twice(
    tmp_path: Path, n_kept: int
) -> None:
    with Store.open(tmp_path / "whole.db") as store:
        study = store.create_study(make_spec()).id
        store.add_code_entries(study, [v0()])
        ask(store, study, model := ByRequest())
        whole, n_whole = store.code_entries(study), len(model.asked)
    with Store.open(tmp_path / "cut.db") as store:
        study = store.create_study(make_spec()).id
        store.add_code_entries(study, [v0()])
        first, second = ByRequest(), ByRequest()
        with pytest.raises(Killed):
            ask(store, study, first, keeps=Dying(store, n_kept))  # type: ignore[arg-type]  # stands in for a store
        assert ask(store, study, second) == ("used", None)
        assert store.code_entries(study) == whole
        assert len(first.asked) + len(second.asked) == n_whole == 4


def test_killed_after_an_idea_for_another_variant_was_refused_it_goes_on_from_there(tmp_path: Path) -> None:
    def answers() -> ScriptedModel:
        more = {"directions improve v1": directions(), "directions improve v0": directions("negate it")}
        return ByWords({**more, "block cube it": BAD, "block negate it": NEGATE})

    told = []
    for is_killed in (False, True):
        with Store.open(tmp_path / f"{is_killed}.db") as store:
            study = store.create_study(make_spec()).id
            store.add_code_entries(study, [v0()])
            ask(store, study, ScriptedModel(directions("square it", "cube it"), SQUARE))
            if is_killed:
                dying: Any = Dying(store, 1)  # behind the refused block
                with pytest.raises(Killed):
                    ask(store, study, answers(), step=TreeStep("improve", 1), asked_at=2, keeps=dying)
            ask(store, study, answers(), step=TreeStep("improve", 1), asked_at=2)
            told.append([(type(entry), getattr(entry, "idea", "")) for entry in store.code_entries(study)][4:])
    assert told[0] == told[1] == [(RefusedBlock, "cube it"), (Direction, "negate it"), (Variant, "negate it")]


def test_question_that_was_answered_whole_is_not_sent_again(store: Store, study: str) -> None:
    ask(store, study, ByRequest())
    before = store.code_entries(study)
    model = ByRequest()
    assert ask(store, study, model) == ("used", None)
    assert (model.asked, store.code_entries(study)) == ([], before)


def test_question_that_ended_in_refusals_is_not_sent_again(store: Store, study: str) -> None:
    first = ScriptedModel(directions("a", "b", "c"), "no code")
    told = ask(store, study, first)
    model = ScriptedModel("no code")
    assert ask(store, study, model) == told
    assert model.asked == []


def test_closed_desk_sends_nothing(store: Store, study: str) -> None:
    model = ScriptedModel(IDEAS)
    asking = Asking(model, store=store, study_id=study, budget=Budget)
    desk = CodeDesk(asking, store, study, TinyChecker())
    desk.cancel()
    answer = desk.ask(CodeQuestion(IMPROVE, store.code_entries(study), PlainWriter()))
    assert (answer.verdict, model.asked) == ("error", [])
