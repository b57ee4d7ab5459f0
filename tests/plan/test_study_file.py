"""Study files: what they give, and what they refuse in one sentence."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from agenttune.cli.format import parse_size
from agenttune.errors import StudyFileError
from agenttune.plan import TEMPLATE, load_study_file
from agenttune.plan.describing import spec_lines
from agenttune.spec import StudySpec

FLOWERS = Path(__file__).parent.parent / "data" / "flowers.csv"
COMMAND = """
[objective]
type = "command"
command = "python3 train.py --lr {lr}"

[space]
lr = { type = "float", low = 1e-5, high = 1e-1, log = true, default = 1e-3 }

[goal]
metric = "loss"
direction = "minimize"

[budget]
trials = 9
"""
ESTIMATOR = """
[objective]
type = "estimator"
family = "knn"
data = "iris"

[goal]
metric = "accuracy"

[budget]
trials = 9
"""


def load(folder: Path, text: str) -> StudySpec:
    path = folder / "study.toml"
    path.write_text(text)
    return load_study_file(path)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(StudyFileError) as caught:
        load(folder, text)
    sentence = str(caught.value)
    assert sentence.startswith(f"{folder / 'study.toml'}: ")
    assert "\n" not in sentence
    return sentence


def test_template_loads_as_it_is(tmp_path: Path) -> None:
    spec = load(tmp_path, TEMPLATE)
    assert (spec.name, spec.budget.trials, spec.limits.seconds) == ("my-study", 20, 60.0)
    assert spec.default is not None


def test_every_commented_line_of_the_template_is_toml() -> None:
    lines = [line[2:] for line in TEMPLATE.splitlines() if re.match(r"# (\w+ = |\[)", line)]
    assert len(lines) > 20
    for line in lines:
        tomllib.loads(line)


@pytest.mark.parametrize("kind", ["command", "python", "table"])
def test_other_objectives_of_the_template_load(tmp_path: Path, kind: str) -> None:
    blocks = re.findall(r"(?m)^# \[objective\]\n(?:# .*\n)+", TEMPLATE)
    block = next(re.sub(r"(?m)^# ", "", text) for text in blocks if f'type = "{kind}"' in text)
    (tmp_path / "train.py").write_text("def objective(config):\n    return 0.0\n")
    (tmp_path / "measurements.csv").write_text("lr,layers,accuracy\n0.1,2,0.9\n")
    space = "[space]\nlr = { type = 'float', low = 1e-3, high = 1.0 }\nlayers = { type = 'int', low = 1, high = 3 }\n"
    goal = "[goal]\nmetric = 'accuracy'\ndirection = 'maximize'\n[budget]\ntrials = 3\n"
    assert load(tmp_path, f"{block}\n{space}\n{goal}").objective["type"] == kind


def test_command_study_is_complete(tmp_path: Path) -> None:
    spec = load(tmp_path, COMMAND)
    assert (spec.name, spec.goal.metric, spec.goal.direction) == ("study", "loss", "minimize")
    assert spec.cwd == str(tmp_path)
    assert spec.default == {"lr": 1e-3}


def test_settings_reach_the_spec(tmp_path: Path) -> None:
    head = 'seed = 3\nworkers = 2\ngpus = 1\nproposer = "tpe"\nscheduler = "asha"\n'
    trial = '[trial]\nseconds = "90 s"\nmemory = "2 GB"\nattempts = 1\n'
    spec = load(tmp_path, head + COMMAND + trial)
    assert (spec.seed, spec.workers, spec.gpus, spec.proposer, spec.scheduler) == (3, 2, 1, "tpe", "asha")
    assert (spec.limits.seconds, spec.limits.memory_bytes, spec.limits.attempts) == (90.0, 2 * 10**9, 1)


@pytest.mark.parametrize(
    ("word", "n_bytes"), [("2G", 2**31), ("2GB", 2 * 10**9), ("500M", 500 * 2**20), ("500m", 500 * 2**20)]
)
def test_memory_is_read_as_on_the_command_line(tmp_path: Path, word: str, n_bytes: int) -> None:
    spec = load(tmp_path, f'{COMMAND}\n[trial]\nmemory = "{word}"\n')
    assert spec.limits.memory_bytes == n_bytes == parse_size(word)


@pytest.mark.parametrize("word", ["much", "0", "-2G", "2 gigs", "2Gi", ""])
def test_memory_that_is_no_amount_is_one_sentence(tmp_path: Path, word: str) -> None:
    with pytest.raises(StudyFileError, match=rf"`memory` in \[trial\] must be an amount .*2G.* but got '{word}'"):
        load(tmp_path, f'{COMMAND}\n[trial]\nmemory = "{word}"\n')


def test_first_configurations_are_completed_by_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, f"{COMMAND}\n[[first]]\n[[first]]\nlr = 0.01\n").first == ({"lr": 1e-3}, {"lr": 0.01})


def test_default_may_be_given(tmp_path: Path) -> None:
    assert load(tmp_path, f"{COMMAND}\n[default]\nlr = 0.02\n").default == {"lr": 0.02}


def test_british_spelling_is_understood(tmp_path: Path) -> None:
    assert load(tmp_path, COMMAND.replace('"minimize"', '"minimise"')).goal.direction == "minimize"


def test_goal_has_constraints_and_a_target(tmp_path: Path) -> None:
    goal = load(tmp_path, COMMAND.replace('"loss"', '"loss"\nconstraints = ["ms < 20"]\ntarget = 0.1')).goal
    assert (goal.constraints, goal.target) == (("ms < 20",), 0.1)


def test_constraints_on_parameters_come_before_the_sections(tmp_path: Path) -> None:
    spec = load(tmp_path, 'constraints = ["lr < 0.05"]\n' + COMMAND)
    assert [entry.text for entry in spec.space.constraints] == ["lr < 0.05"]


def test_finite_space_needs_no_budget(tmp_path: Path) -> None:
    text = COMMAND.replace(
        '{ type = "float", low = 1e-5, high = 1e-1, log = true, default = 1e-3 }', '{ type = "bool" }'
    )
    assert load(tmp_path, text.replace("trials = 9", "")).budget.trials is None


def test_estimator_gets_its_curated_space_and_default(tmp_path: Path) -> None:
    spec = load(tmp_path, ESTIMATOR)
    assert spec.default == {"n_neighbors": 5, "weights": "uniform", "metric": "euclidean"}
    assert (spec.goal.direction, spec.objective["folds"], spec.objective["held_out"]) == ("maximize", 5, 0.2)


def test_odd_cell_of_a_data_file_is_shown_with_the_study(tmp_path: Path) -> None:
    rows = [f"{row / 4},{'ab'[row % 2]}" for row in range(60)]
    (tmp_path / "table.csv").write_text("\n".join(["x,y", *rows, "2O,a", ""]))
    spec = load(tmp_path, ESTIMATOR.replace('"iris"', '"table.csv"\ntarget = "y"'))
    shown = dict(spec_lines(spec))
    assert "'x' holds numbers, but '2O' in line 62: taken as missing" in shown["data"]
    assert "5-fold" in shown["assumed"]


def test_estimator_takes_a_space_of_ones_own(tmp_path: Path) -> None:
    spec = load(tmp_path, ESTIMATOR + "[space]\nn_neighbors = { type = 'int', low = 2, high = 9 }\n")
    assert spec.default == {"n_neighbors": 5}


def test_estimator_data_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "flowers.csv").write_bytes(FLOWERS.read_bytes())
    spec = load(tmp_path, ESTIMATOR.replace('"iris"', '"flowers.csv"\ntarget = "species"'))
    assert spec.objective["data"] == str(tmp_path / "flowers.csv")
    assert spec.objective["sha256"]


def test_what_the_checker_assumed_is_kept(tmp_path: Path) -> None:
    assert load(tmp_path, ESTIMATOR).extra["assumed"] == ["5-fold and a fifth held out"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("trials = 9", "trails = 9", "unknown key `trails` in [budget]; did you mean `trials`?"),
        ("[goal]", "[gaol]", "unknown key `gaol`; did you mean `goal`?"),
        ("metric =", "metrics =", "unknown key `metrics` in [goal]; did you mean `metric`?"),
        ('metric = "loss"', "", "`metric` in [goal] is missing"),
        ("trials = 9", "trials = 9\ndirection = 1", "unknown key `direction` in [budget]; it belongs in [goal]"),
        ("trials = 9", "trials = 'nine'", "`trials` in [budget] must be a whole number, but got 'nine'"),
        ("trials = 9", "trials = true", "`trials` in [budget] must be a whole number, but got True"),
        ("trials = 9", "trials = 0", "a budget of `trials` must be at least 1"),
        ("trials = 9", "seconds = 'soon'", "`seconds` in [budget] must be a number, but got 'soon'"),
        ("trials = 9", "", "[budget] needs `trials` or `seconds`: the space never runs out"),
        ('"minimize"', '"down"', "`direction` in [goal] must be 'maximize' or 'minimize', but got 'down'"),
        ('direction = "minimize"', "", "`direction` in [goal] is missing: 'maximize' or 'minimize'"),
        ('metric = "loss"', 'metric = ["loss", "ms"]', "a second objective is not supported yet"),
        ("[goal]", "[[goal]]", "a second objective is not supported yet"),
        ('"command"', '"comand"', "`type` in [objective] is 'comand'; did you mean 'command'?"),
        ('type = "command"', "", "`type` in [objective] is None; there are python, command, table, estimator"),
        ("{lr}", "{rl}", "the command uses {rl}, which is no parameter of the space"),
        (
            '{lr}"',
            "{lr}\"\nmetric = { regex = 'acc: (?P<acc>.*)' }",
            "the regex of the metric captures acc, but the goal is 'loss': name a group (?P<loss>...)",
        ),
        ("{lr}", "{lr} {seed:--amp}", "the command takes seed for a switch, but it is no parameter"),
        ("{lr}", "{lr:--lr}", "the command takes lr for a switch, which is true or false, but it is "),
        ("low = 1e-5", "low = 1.0", "`low` must be below `high`"),
        ('"float"', '"flaot"', "did you mean `float`?"),
        ("lr = {", "lr {", "no valid TOML: expected '=' after a key in a key/value pair (at line 7, column 4)"),
        ("[space]", "[spade]", "unknown key `spade`; did you mean `space`?"),
        ("trials = 9", "trials = 9\n[trial]\nseconds = -1", "`seconds` in [trial] must be more than 0"),
        ("trials = 9", "trials = 9\n[default]\nlr = 7.0", "[default]: `lr`"),
        ("trials = 9", "trials = 9\n[[first]]\nrl = 0.1", "[[first]]: `rl` is no parameter"),
        ("[objective]", "workers = 0\n[objective]", "`workers` must be at least 1, but got 0"),
        ("[objective]", "seed = -1\n[objective]", "`seed` must be at least 0, but got -1"),
        ("[objective]", "constraints = ['rl < 1']\n[objective]", "mentions `rl`"),
    ],
)
def test_mistake_is_one_sentence(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert old in COMMAND
    assert reason in refusal(tmp_path, COMMAND.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"knn"', '"kmn"', "did you mean 'knn'?"),
        ('"knn"', '"lasso"', "lasso cannot classify"),
        ('"iris"', '"iriss.csv"', "there is no file"),
        ("data =", "date =", "unknown key `date` in [objective]; did you mean `data`?"),
        ('"accuracy"', '"acuracy"', "`metric` in [goal] is 'acuracy'; did you mean 'accuracy'?"),
        ('"accuracy"', '"accuracy"\ndirection = "minimize"', "accuracy is better the larger it is"),
        ('"iris"', '"iris"\nfolds = "five"', "`folds` in [objective] must be a whole number, but got 'five'"),
        ('"iris"', '"iris"\nfolds = 1', "`folds` must be at least 2"),
        ("trials = 9", "", "[budget] needs `trials` or `seconds`"),
        ("trials = 9", "trials = 9\n[space]\nk = {type = 'int', low = 1, high = 3}", "k-NN has no such parameter"),
    ],
)
def test_mistake_about_an_estimator_is_one_sentence(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert old in ESTIMATOR
    assert reason in refusal(tmp_path, ESTIMATOR.replace(old, new, 1))


def test_missing_study_file_suggests_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(COMMAND)
    with pytest.raises(StudyFileError, match=r"there is no such file; did you mean 'study\.toml'\?"):
        load_study_file(tmp_path / "stdy.toml")


def test_missing_table_is_named(tmp_path: Path) -> None:
    objective = '[objective]\ntype = "table"\npath = "nowhere.csv"\n'
    assert "nowhere.csv cannot be read" in refusal(tmp_path, objective + COMMAND[COMMAND.index("[space]") :])


def test_parameter_the_table_lacks_is_named(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("rate,loss\n0.1,2\n")
    objective = '[objective]\ntype = "table"\npath = "table.csv"\n'
    assert "has no column 'lr'" in refusal(tmp_path, objective + COMMAND[COMMAND.index("[space]") :])
