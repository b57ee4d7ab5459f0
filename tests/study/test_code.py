"""`tune_code`, and the winner of a study over code."""

from __future__ import annotations

from pathlib import Path

import pytest

import agenttune
from agenttune.errors import UserError
from agenttune.store import Store
from agenttune.study.code import winner_of
from tests.study.models import Make


def test_target_that_is_no_text_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="`target` must be a text, but got 3"):
        agenttune.tune_code(tmp_path / "model.py", target=3, maximize="score")  # type: ignore[arg-type]


@pytest.mark.parametrize(("number", "why"), [(0, "there are none before it has begun"), (None, "no trial")])
def test_study_that_has_not_begun_has_no_variant_yet(
    store: Store, make_spec: Make, number: int | None, why: str
) -> None:
    row = store.create_study(make_spec(objective={"type": "code"}))
    with pytest.raises(UserError, match=why):
        winner_of(store, row, number)
