"""Model code as an objective: run in the sandbox, scored outside."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agenttune.cards.data import load_dataset
from agenttune.errors import ObjectiveError, SandboxError, TrialFailure, UserError
from agenttune.objectives import load_objective
from agenttune.objectives.blind import BlindSplit, Part
from agenttune.objectives.code import CodeObjective, store_of
from agenttune.objectives.code_entry import is_self_reported
from agenttune.testing.objectives import FakeRun, ObjectiveConformance
from agenttune.types import Json
from agenttune.variants.kept import KeptVariant, keep_variant

CENTROIDS = """
import numpy as np

def build_model(x, y):
    return np.stack([x[y == label].mean(axis=0) for label in np.unique(y)])

def fit_predict(train_x, train_y, new_x):
    centres = build_model(train_x, train_y)
    return np.argmin(((new_x[:, None] - centres) ** 2).sum(axis=2), axis=1)
"""
ALWAYS_ONE = CENTROIDS.replace("np.argmin(", "1 + 0 * np.argmin(")
SCRIPT = """
import argparse
from model import LR
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=1)
epochs = parser.parse_args().epochs
print("accuracy:", LR * epochs, open("data.txt").read())
"""


def content(folder: Path, **changes: Json) -> dict[str, Json]:
    """An objective over `model.py` on iris; v1 always says class 1."""
    workspace = folder / "workspace"
    workspace.mkdir(exist_ok=True)
    (workspace / "model.py").write_text(CENTROIDS)
    variants = folder / "study" / "variants"
    keep_variant(variants, "v0", KeptVariant(CENTROIDS))
    keep_variant(variants, "v1", KeptVariant(ALWAYS_ONE))
    made: dict[str, Json] = {
        "type": "code",
        "file": "model.py",
        "target": "build_model",
        "source": CENTROIDS,
        "variants": str(variants),
        "data": "iris",
        "metric": "accuracy",
        "held_out": 0.2,
        "limits": {"seconds": 30, "memory_bytes": 400_000_000},
    }
    return made | changes


def objective(folder: Path, **changes: Json) -> CodeObjective:
    return CodeObjective.from_json(content(folder, **changes), cwd=folder / "workspace")


def script(folder: Path, **changes: Json) -> CodeObjective:
    made: dict[str, Json] = {
        **content(folder),
        "command": "python train.py --epochs {epochs}",
        "metric": {"regex": "accuracy: (.*?) "},
        "source": "LR = 0.25\n",
        "rungs": {"option": "epochs", "values": [1, 3]},
        **changes,
    }
    for name in ("data", "held_out"):
        del made[name]
    (folder / "workspace" / "train.py").write_text(SCRIPT)
    (folder / "workspace" / "data.txt").write_text("read")
    return CodeObjective.from_json(made, cwd=folder / "workspace")


def direct(part: Part, *, seed: int = 7, share: float = 1.0) -> float:
    """Accuracy of nearest centroids, computed here."""
    iris = load_dataset("iris")
    blind = BlindSplit.of(iris, held_out=0.2, study_seed=7, seed=seed)
    rows = blind.training_rows(share, seed=seed)
    x, y = iris.rows(rows), iris.target[rows]
    centres = np.stack([x[y == label].mean(axis=0) for label in range(3)])
    new = blind.new[blind.parts[part]]
    distances = ((iris.rows(new)[:, None] - centres) ** 2).sum(axis=2)
    return float(np.mean(np.argmin(distances, axis=1) == iris.target[new]))


class TestConformance(ObjectiveConformance):
    config = {"variant": "v0"}  # noqa: RUF012  # declared as a ClassVar by the suite
    metric = "accuracy"

    def content(self, folder: Path) -> dict[str, Json]:
        return content(folder)

    def load(self, folder: Path) -> CodeObjective:
        return objective(folder)


def test_the_score_is_what_a_direct_computation_gives(tmp_path: Path) -> None:
    assert objective(tmp_path).evaluate({"variant": "v0"}, FakeRun(tmp_path)) == {"accuracy": direct("validation")}


def test_the_held_out_score_is_what_a_direct_computation_gives(tmp_path: Path) -> None:
    assert objective(tmp_path).held_out({"variant": "v0"}, FakeRun(tmp_path)) == {"accuracy": direct("held-out")}


def test_a_variant_is_what_runs(tmp_path: Path) -> None:
    assert objective(tmp_path).evaluate({"variant": "v1"}, FakeRun(tmp_path))["accuracy"] == pytest.approx(1 / 3)


def test_the_numbers_of_a_configuration_are_put_into_the_code(tmp_path: Path) -> None:
    made = objective(tmp_path)
    block = 'def build_model(x, y):\n    PARAMS = {"answer": 1}\n    return PARAMS["answer"]\n'
    rest = "\n\ndef fit_predict(train_x, train_y, new_x):\n    return [build_model(train_x, train_y)] * len(new_x)\n"
    keep_variant(made.variants, "v2", KeptVariant(f"{block}{rest}", block, "build_model"))
    with pytest.raises(TrialFailure, match=r"must be class numbers 0 to 2.*got '7'"):
        made.evaluate({"variant": "v2", "v2.answer": 7}, FakeRun(tmp_path))


def test_a_replicate_is_split_by_its_own_seed(tmp_path: Path) -> None:
    run = FakeRun(tmp_path, seed=3)
    run.replicate_of = 0
    assert objective(tmp_path).evaluate({"variant": "v0"}, run) == {"accuracy": direct("validation", seed=3)}


def test_each_rung_but_the_last_is_reported(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    values = objective(tmp_path, rungs={"share": [0.1, 1.0]}).evaluate({"variant": "v0"}, run)
    scores = [direct("validation", share=share) for share in (0.1, 1.0)]
    assert run.reports == [(1, {"accuracy": scores[0]})]
    assert values == {"accuracy": scores[1]}


def test_a_trial_that_should_stop_ends_after_its_rung(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.should_stop = True
    objective(tmp_path, rungs={"share": [0.1, 1.0]}).evaluate({"variant": "v0"}, run)
    assert [step for step, _ in run.reports] == [1]


class StoppedLater(FakeRun):
    """A run that a scheduler ends while its second rung runs."""

    def report(self, step: int, **metrics: float) -> None:
        super().report(step, **metrics)
        self.n_asked = 0

    @property
    def should_stop(self) -> bool:
        self.n_asked += 1
        return self.n_asked > 2

    @should_stop.setter
    def should_stop(self, value: bool) -> None:
        self.n_asked = 0


def test_a_rung_that_nobody_wants_any_more_is_cut_off(tmp_path: Path) -> None:
    endless = CENTROIDS.replace("centres =", "\n    while len(train_x) > 20: pass\n    centres =")
    run = StoppedLater(tmp_path)
    made = objective(tmp_path, source=endless, rungs={"share": [0.1, 1.0]})
    assert made.evaluate({"variant": "v0"}, run) == {"accuracy": direct("validation", share=0.1)}
    assert [step for step, _ in run.reports] == [1]


def test_the_level_is_kept_with_the_attempt(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run = FakeRun(tmp_path)
    with caplog.at_level("INFO"):
        objective(tmp_path).evaluate({"variant": "v0"}, run)
    told = json.loads((run.directory / "sandbox.json").read_text())
    assert told["level"] in ("strong", "medium")
    assert told["self_reported"] is False
    assert f"confined at level {told['level']}, by {told['method']}" in caplog.text


def test_nothing_of_the_work_folder_stays(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    objective(tmp_path).evaluate({"variant": "v0"}, run)
    assert [path.name for path in run.directory.iterdir()] == ["sandbox.json"]


def test_a_crash_fails_the_trial_with_its_traceback(tmp_path: Path) -> None:
    made = objective(tmp_path, source="def fit_predict(a, b, c):\n    return b.tomorrow")
    with pytest.raises(TrialFailure, match="has no attribute 'tomorrow'") as failed:
        made.evaluate({"variant": "v0"}, FakeRun(tmp_path))
    assert failed.value.kind == "crash"
    assert "in fit_predict" in str(failed.value.detail)


def test_labels_where_probabilities_are_needed_are_told(tmp_path: Path) -> None:
    with pytest.raises(TrialFailure, match="log loss needs probabilities"):
        objective(tmp_path, metric="log_loss").evaluate({"variant": "v0"}, FakeRun(tmp_path))


def test_a_file_of_data_is_read(tmp_path: Path) -> None:
    made = content(tmp_path)
    rows = "\n".join(f"{number},{number % 7},{'ab'[number % 2]},{number % 2}" for number in range(80))
    (tmp_path / "workspace" / "rows.csv").write_text(f"x,y,letter,class\n{rows}\n")
    loaded = load_objective({**made, "data": "rows.csv", "data_target": "class"}, cwd=tmp_path / "workspace")
    assert isinstance(loaded, CodeObjective)
    assert 0 <= loaded.evaluate({"variant": "v0"}, FakeRun(tmp_path))["accuracy"] <= 1


def test_a_fingerprint_tells_variants_apart(tmp_path: Path) -> None:
    made = objective(tmp_path)
    hashes = [made.fingerprint(text, folder=tmp_path / "tiny", study_seed=7).value for text in (CENTROIDS, ALWAYS_ONE)]
    assert None not in hashes
    assert hashes[0] != hashes[1]


def test_weak_confinement_is_refused_unless_it_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="unsafe execution is allowed explicitly"):
        objective(tmp_path, level="weak").evaluate({"variant": "v0"}, FakeRun(tmp_path))
    run = FakeRun(tmp_path)
    objective(tmp_path, level="weak", allow_unsafe=True).evaluate({"variant": "v0"}, run)
    assert json.loads((run.directory / "sandbox.json").read_text())["level"] == "weak"


def test_a_folder_that_a_killed_attempt_left_is_made_anew(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    (run.directory / "work_0").mkdir()
    assert objective(tmp_path).evaluate({"variant": "v0"}, run) == {"accuracy": direct("validation")}


def test_other_variants_are_not_seen(tmp_path: Path) -> None:
    made = replace(objective(tmp_path), variants=tmp_path / "workspace" / "my-files" / "study" / "variants")
    keep_variant(made.variants, "v1", KeptVariant(CENTROIDS))
    looks = CENTROIDS.replace(
        "centres =", "import os\n    assert os.listdir('.').count('my-files') == 0\n    centres ="
    )
    assert made.fingerprint(looks, folder=tmp_path / "tiny", study_seed=7).reason is None
    keep_variant(made.variants, "v2", KeptVariant(looks))
    assert made.evaluate({"variant": "v2"}, FakeRun(tmp_path)) == {"accuracy": direct("validation")}


# -- scripts -----------------------------------------------------------------------------------


def test_a_script_tells_its_metric_rung_by_rung(tmp_path: Path) -> None:
    run = FakeRun(tmp_path, metric="accuracy")
    assert script(tmp_path).evaluate({"variant": "v0"}, run) == {"accuracy": 0.75}
    assert run.reports == [(1, {"accuracy": 0.25})]


def test_a_script_is_marked_as_self_reported(tmp_path: Path) -> None:
    run = FakeRun(tmp_path, metric="accuracy")
    made = script(tmp_path)
    made.evaluate({"variant": "v0"}, run)
    assert made.self_reported
    assert json.loads((run.directory / "sandbox.json").read_text())["self_reported"] is True


def test_whether_a_score_is_self_reported_is_read_from_the_entry(tmp_path: Path) -> None:
    assert not is_self_reported(content(tmp_path))
    assert is_self_reported({**content(tmp_path), "command": "python train.py"})
    assert not is_self_reported({"type": "command", "command": "python train.py"})


def test_a_script_may_write_its_result(tmp_path: Path) -> None:
    made = script(tmp_path, metric={"file": "out.json"}, command="python train.py", rungs=None)
    (tmp_path / "workspace" / "train.py").write_text("open('out.json', 'w').write('{\"accuracy\": 0.5}')")
    assert made.evaluate({"variant": "v0"}, FakeRun(tmp_path, metric="accuracy")) == {"accuracy": 0.5}


def test_a_script_without_its_metric_fails(tmp_path: Path) -> None:
    made = script(tmp_path, metric={"regex": "never: (.*)"})
    with pytest.raises(TrialFailure, match="never printed its metric"):
        made.evaluate({"variant": "v0"}, FakeRun(tmp_path, metric="accuracy"))


def test_nothing_is_held_out_of_a_script(tmp_path: Path) -> None:
    with pytest.raises(TrialFailure, match="nothing is held out"):
        script(tmp_path).held_out({"variant": "v0"}, FakeRun(tmp_path))


def test_a_script_has_no_fingerprint(tmp_path: Path) -> None:
    assert script(tmp_path).fingerprint("", folder=tmp_path / "tiny", study_seed=7).value is None


# -- entries -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"daat": "iris"}, "no entry 'daat' here .*did you mean 'data'"),
        ({"env": {}}, "no entry 'env' here"),
        ({"self_reported": True}, "`self_reported` must be false here"),
        ({"held_out": 1.5}, "`held_out` must be a share"),
        ({"rungs": {"share": [0.5]}}, "must grow up to 1"),
        ({"rungs": {"share": [1.0, 0.5]}}, "must grow up to 1"),
        ({"rungs": {"option": "epochs", "values": [1]}}, "`rungs` must be like"),
        ({"rungs": {"share": [True, 1.0]}}, "must grow"),
        ({"limits": {"minutes": 3}}, "takes `seconds` and `memory_bytes`"),
        ({"limits": {"seconds": 0}}, "must be positive numbers"),
        ({"level": "best"}, "`level` must be one of strong, medium, weak"),
        ({"metric": "aucc"}, "no metric is called 'aucc'"),
    ],
)
def test_wrong_entries_are_named(tmp_path: Path, changes: dict[str, Json], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        objective(tmp_path, **changes)


@pytest.mark.parametrize("name", ["file", "target", "source", "variants", "metric", "data"])
def test_a_missing_entry_is_named(tmp_path: Path, name: str) -> None:
    made = content(tmp_path)
    del made[name]
    with pytest.raises(ObjectiveError, match=f"needs '{name}'"):
        CodeObjective.from_json(made, cwd=tmp_path)


def test_a_result_file_elsewhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ObjectiveError, match="must be a bare name"):
        script(tmp_path, metric={"file": "/etc/out.json"})


def test_a_changed_data_file_is_refused(tmp_path: Path) -> None:
    made = content(tmp_path)
    (tmp_path / "workspace" / "rows.csv").write_text("x,class\n1,0\n2,1\n")
    with pytest.raises(ObjectiveError, match="has changed since the study was made"):
        CodeObjective.from_json({**made, "data": "rows.csv", "sha256": "0"}, cwd=tmp_path / "workspace")


def test_a_variant_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ObjectiveError, match="variant 'v9'"):
        objective(tmp_path).evaluate({"variant": "v9"}, FakeRun(tmp_path))


def test_the_store_beside_the_code_is_private(tmp_path: Path) -> None:
    for name in ("agenttune.db", "agenttune.db-wal", "data.csv"):
        (tmp_path / name).touch()
    variants = tmp_path / "agenttune-files" / "study" / "variants"
    assert {path.name for path in store_of(variants)} == {"agenttune-files", "agenttune.db", "agenttune.db-wal"}
