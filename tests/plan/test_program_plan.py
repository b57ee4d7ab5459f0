"""What a sentence about a program of one's own is planned as."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenttune.errors import RequestNotUnderstood
from agenttune.plan import PlanOptions, understand
from agenttune.plan.program_plan import ProgramPlan
from agenttune.space import Space

TRAIN = """import argparse
p = argparse.ArgumentParser()
p.add_argument("-l", "--learning-rate", "--rate", dest="lr", type=float, default=1e-3)
p.add_argument("--batch-size", type=int, default=32)
p.add_argument("--dropout", type=float, default=0.1)
p.add_argument("--epochs", type=int, default=3)
a = p.parse_args()
for _ in range(a.epochs):
    print(f"val_loss={a.lr:.4f}")
print(f"val_acc={a.lr:.4f}")
"""


def plan_of(folder: Path, text: str) -> ProgramPlan:
    (folder / "train.py").write_text(TRAIN)
    plan = understand(text, PlanOptions(cwd=str(folder)))
    assert isinstance(plan, ProgramPlan)
    return plan


def space_of(folder: Path, text: str) -> list[str]:
    return Space.from_json(plan_of(folder, text).space).describe()


@pytest.mark.parametrize("name", ["lr", "learning rate", "--learning-rate", "rate"])
def test_option_has_the_range_of_whichever_of_its_names(tmp_path: Path, name: str) -> None:
    assert space_of(tmp_path, f"minimise val_loss of train.py, {name} 1e-4 to 1e-2, 9 trials") == ["lr 1e-4..0.01 log"]


def test_option_under_two_names_has_one_range(tmp_path: Path) -> None:
    with pytest.raises(RequestNotUnderstood, match="is option lr of train.py, of which the sentence says something"):
        plan_of(tmp_path, "minimise val_loss of train.py, learning rate 1e-4 to 1e-2, rate 0.1 or 0.2, 9 trials")
