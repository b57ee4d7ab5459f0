"""Tests of agenttune/plan/command_line.py, both_ends.py, range_words.py: nothing of a range or command is lost."""

from pathlib import Path

import pytest

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.conversation import read_turns
from agenttune.plan.planning import plan_of
from agenttune.plan.program_plan import ProgramPlan
from agenttune.plan.request import PlanOptions, Request
from agenttune.space import Space

GOAL = "minimise latency_ms of `./bench.sh --a {a} --b {b}`, b 2 to 8, "
COMMANDS = (
    "./bench.sh --a {a} --b {b} --mode fast",
    "THREADS=4 ./bench.sh -a {a} -b {b}",
    "A={a} B={b} ./bench.sh",
    "cd src && ./bench.sh -a {a} -b {b}",
    "sudo ./bench.sh -a {a} -b {b}",
    "./bench.sh -a {a} -b {b} 2>/dev/null",
    "clang -O2 -mllvm -inline-threshold={a} app{b}.c -o app && ./app",
    "docker run --rm -e A={a} -e B={b} img:latest",
    "make -j4 bench A={a} B={b}",
)
FRAMES = (
    "minimise latency_ms of %s, a 1 to 4, b 2 to 8",
    "%s: minimise latency_ms, a 1 to 4, b 2 to 8",
    "run %s and minimise latency_ms; a 1 to 4, b 2 to 8",
    'my server: "%s". Minimise latency_ms, a 1 to 4, b 2 to 8',
)


def asked(*turns: str, folder: Path = Path("/nowhere")) -> Request:
    return read_turns(turns, PlanOptions(cwd=str(folder)))


def of(name: str, *turns: str) -> tuple[object, ...]:
    entry = next(entry for entry in asked(*turns).ranges if entry.parameter == name)
    return (entry.low, entry.high, entry.log, entry.values)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_command_is_read_as_typed(command: str, frame: str) -> None:
    assert asked(frame % command).command == command


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("./prueba.sh --hilos {a} -m prueba", "Minimiza latency_ms de '%s', a entre 1 y 4"),
        ("make test TAILLE={a} PROFONDEUR={b}", "Minimise latency_ms de %s ; a entre 1 et 4, b entre 2 et 8"),
        ("./压测.sh --threads {a}", "用 %s 最小化 latency_ms，a 从 1 到 4"),
        ("LOTE={a} ./carga.sh", "Minimiza latency_ms de %s, a entre 1 y 4"),
    ],
)
def test_command_is_translated_in_no_language(text: str, command: str) -> None:
    assert asked(command % text).command == text


@pytest.mark.parametrize(
    "text",
    [
        "minimise latency_ms of bash run.sh {a} {b} prod, a 1 to 4, b 2 to 8",
        "minimise latency_ms of pgbench -c {a} -j {b} mydb, a 1 to 4, b 2 to 8",
    ],
)
def test_word_that_may_belong_to_the_command_is_asked_about(text: str) -> None:
    with pytest.raises(RequestNotUnderstood) as caught:
        asked(text)
    assert caught.value.fields == ("command",)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("a at least 1 and at most 4", (1, 4, None, ())),
        ("a up to 4 but at least 1", (1, 4, None, ())),
        ("a min 1 max 4", (1, 4, None, ())),
        ("a starts at 1 and ends at 4", (1, 4, None, ())),
        ("a >= 1 and <= 4", (1, 4, None, ())),
        ("between 1 and 4 a", (1, 4, None, ())),
        ("a 10..60s", (10, 60, None, ())),
        ("a at least 10 and at most 60 s", (10, 60, None, ())),
        ("a at most 60 s", (None, 60, None, ())),
        ("a 10, 20 or 30 s", (None, None, None, (10, 20, 30))),
        ("a 0.1 or more", (0.1, None, None, ())),
        ("a 0.5 or less", (None, 0.5, None, ())),
        ("max a 0.5", (None, 0.5, None, ())),
        ("cap a at 5", (None, 5, None, ())),
        ("a on a log scale from 1 to 4", (1, 4, True, ())),
    ],
)
def test_ends_said_apart_are_one_range(said: str, expected: tuple[object, ...]) -> None:
    assert of("a", GOAL + said) == expected


def test_log_before_a_parameter_is_not_of_the_one_before() -> None:
    text = "minimise latency_ms of `./bench.sh --a {a} --b {b}`, b 2 to 8, log a from 1e-4 to 1e-2"
    assert (of("a", text)[2], of("b", text)[2]) == (True, None)


def test_ranges_are_shared_out_in_order() -> None:
    text = "minimise latency_ms of `./bench.sh --a {a} --b {b}`, a and b from 1 to 4 and 2 to 8 respectively"
    assert (of("a", text)[:2], of("b", text)[:2]) == ((1, 4), (2, 8))


def test_all_parameters_have_the_range_said_of_both() -> None:
    text = "minimise latency_ms of `./bench.sh --a {a} --b {b}`, both parameters from 1 to 4"
    assert of("a", text)[:2] == of("b", text)[:2] == (1, 4)


def test_list_of_decimal_commas_keeps_its_numbers() -> None:
    text = "Minimiza latency_ms de `./bench.sh --mem {mem}`, mem 0,1, 0,2 o 0,4"
    assert of("mem", text)[3] == (0.1, 0.2, 0.4)


@pytest.mark.parametrize(
    "said",
    [
        "a from 1 to 4 million",
        "a between 1 and 4 exclusive",
        "a 0.1+",
        "a from 0.1 to 50%",
        "a 1 to 4 log, b likewise",
    ],
)
def test_what_changes_a_range_is_asked_about(said: str) -> None:
    with pytest.raises(RequestNotUnderstood):
        asked(GOAL.replace("b 2 to 8, ", "") + said + ", b 2 to 8")


@pytest.mark.parametrize("turn", ["extend b to 16", "b to 16, not 8", "b 16 as well", "no, 16 not 8"])
def test_one_value_for_a_range_is_asked_about(turn: str) -> None:
    with pytest.raises(RequestNotUnderstood):
        asked(GOAL + "a 1 to 4, 20 trials", turn)


def test_command_is_changed_by_no_later_turn_about_ranges() -> None:
    assert asked(GOAL + "a 1 to 4", "b up to 16").command == "./bench.sh --a {a} --b {b}"


def test_limit_behind_a_lower_end_is_no_upper_end() -> None:
    request = asked("tune svm on iris, C at least 1, at most 15 trials")
    assert (request.trials, request.ranges[0].low, request.ranges[0].high) == (15, 1, None)


def test_range_between_two_parameters_is_of_the_first() -> None:
    text = "minimise latency_ms of `./bench.sh --a {a} --b {b}`, a, 1 to 4 b, 2 to 8"
    assert (of("a", text)[:2], of("b", text)[:2]) == ((1, 4), (2, 8))


def test_end_with_a_unit_is_no_budget() -> None:
    request = asked("minimise latency_ms of `./bench.sh --ttl {ttl}`, ttl at least 30 at most 600 s")
    assert (request.seconds, request.ranges[0].high) == (None, 600)


def test_word_before_numbers_is_none_of_the_values() -> None:
    assert of("a", GOAL + "a only 1, 2 or 3") == (None, None, None, (1, 2, 3))


@pytest.mark.parametrize("steps", ["in steps of 16", "in multiples of 16", "every 16"])
def test_steps_are_values(steps: str) -> None:
    assert of("a", GOAL + f"a 16 to 64 {steps}") == (None, None, None, (16, 32, 48, 64))


@pytest.mark.parametrize("steps", ["in Zehnerschritten", "in steps of 7", "in steps of 0.1"])
def test_step_that_is_not_read_is_asked_about(steps: str) -> None:
    with pytest.raises(RequestNotUnderstood):
        asked(GOAL + f"a 16 to 64 {steps}")


def test_bound_on_a_parameter_is_no_constraint(tmp_path: Path) -> None:
    turns = ("minimise latency_ms of `./bench.sh {flush}`, flush 1 to 30", "let flush go up to 60")
    with pytest.raises(RequestNotUnderstood, match="bounds a parameter"):
        plan_of(asked(*turns), cwd=tmp_path)


def test_word_that_ends_a_parameters_name_is_none_of_its_values() -> None:
    assert of("batch", "minimise latency_ms of `./bench.sh {batch}`, batch size 16, 32 or 64") == (
        *(None, None, None),
        (16, 32, 64),
    )


def test_bound_on_what_a_script_does_not_print_is_asked_about(tmp_path: Path) -> None:
    option = 'import argparse\np = argparse.ArgumentParser()\np.add_argument("--lr", type=float, default=0.1)\n'
    (tmp_path / "train.py").write_text(option + 'print(f"loss={p.parse_args().lr:.3f}")\n')
    with pytest.raises(RequestNotUnderstood, match="does not print 'memory_mb'; it prints loss"):
        plan_of(asked("minimise loss of train.py, memory_mb < 20", folder=tmp_path), cwd=tmp_path)


@pytest.mark.parametrize(
    ("said", "described"),
    [
        ("a at least 1 and below 4", "a 1..3"),
        ("a above 1 and under 8", "a 2..7"),
        ("a > 1 and <= 8", "a 2..8"),
        ("1 < a < 8", "a 2..7"),
        ("1 <= a <= 8", "a 1..8"),
        ("a at least 1 and at most 8", "a 1..8"),
        ("a no less than 1 and not above 8", "a 1..8"),
        ("a over 1 to 8", "a 1..8"),
        ("a above 0.5 and below 8", "a 0.5..8"),
    ],
)
def test_end_that_is_left_out_is_no_whole_value(said: str, described: str) -> None:
    plan = plan_of(asked(GOAL + said), cwd=".")
    assert isinstance(plan, ProgramPlan)
    assert described in Space.from_json(plan.space).describe()


@pytest.mark.parametrize(
    ("said", "described"),
    [
        ("knn on wine, fewer than 9 neighbors", "n_neighbors 1..8"),
        ("knn on wine, more than 5 neighbors", "n_neighbors 6..35"),
        ("knn on wine, at most 9 neighbors", "n_neighbors 1..9"),
        ("knn on wine, k no more than 9", "n_neighbors 1..9"),
        ("knn on wine, k 9 or fewer", "n_neighbors 1..9"),
        ("knn on wine, k below 9", "n_neighbors 1..8"),
        ("knn on wine, k above 5 and below 9", "n_neighbors 6..8"),
        ("kNN auf wine, weniger als 9 Nachbarn", "n_neighbors 1..8"),
        ("kNN auf wine, höchstens 9 Nachbarn", "n_neighbors 1..9"),
        ("svm on iris, degree below 4", "degree 2..3 when kernel=poly"),
        ("svm on iris, C below 10", "C 1e-3..10 log"),
        ("mlp on wine, layers fewer than 3", "n_layers 1..2"),
    ],
)
def test_strict_words_leave_a_whole_number_out(said: str, described: str) -> None:
    plan = plan_of(asked(said), cwd=".")
    assert any(entry.startswith(described) for entry in Space.from_json(plan.space).describe())


def test_bound_of_a_later_turn_keeps_what_the_other_end_leaves_out() -> None:
    plan = plan_of(asked("knn on wine, k above 5", "k below 9"), cwd=".")
    assert "n_neighbors 6..8" in " ".join(Space.from_json(plan.space).describe())
