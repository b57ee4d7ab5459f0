"""A model of known skill knows exactly what it says, and answers by the request alone."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from typing import Any

import numpy as np
import pytest

from agenttune.space import Bool, Categorical
from agenttune.testing.functions import FUNCTIONS, MIXED, SMOOTH, Function
from agenttune.testing.server import ModelServer, main
from agenttune.testing.skill import FAR, KINDS, NEAR, Kind, Skill

N_REQUESTS = 60
everywhere = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)


def request(seed: int, text: str = "propose") -> dict[str, Any]:
    return {"model": "test", "messages": [{"role": "user", "content": text}], "seed": seed}


def offered(skill: Skill) -> list[dict[str, Any]]:
    """Candidates of many requests."""
    return [entry for seed in range(N_REQUESTS) for entry in json.loads(skill.answer(request(seed)))["candidates"]]


def distance(function: Function, kind: Kind, centre: dict[str, Any]) -> float:
    """Largest distance of any number from a point whose categories all of them share, in the unit cube."""
    space = function.space
    configs = [entry["config"] for entry in offered(Skill(function, kind))]
    (middle,) = space.to_unit([centre])
    for name in centre:
        if isinstance(space.parameters[name], Categorical | Bool):
            assert {config[name] for config in configs} == {centre[name]}
    assert all(config.keys() == centre.keys() for config in configs)
    return float(np.abs(space.to_unit(configs) - middle).max())


@everywhere
@pytest.mark.parametrize("kind", KINDS)
def test_every_configuration_is_valid(function: Function, kind: Kind) -> None:
    assert all(function.space.validate(entry["config"]) for entry in offered(Skill(function, kind)))


@everywhere
def test_near_lies_around_the_optimum(function: Function) -> None:
    assert NEAR / 2 < distance(function, "near", function.optimum) <= NEAR


@everywhere
def test_worst_lies_around_the_worst_corner(function: Function) -> None:
    assert FAR / 2 < distance(function, "worst", function.worst) <= FAR


@everywhere
def test_random_covers_the_space(function: Function) -> None:
    points = function.space.to_unit([entry["config"] for entry in offered(Skill(function, "random"))])
    assert (points.std(0) > 0.1).all()


@everywhere
def test_stuck_offers_one_point_for_ever(function: Function) -> None:
    configs = [entry["config"] for entry in offered(Skill(function, "stuck"))]
    assert all(config == configs[0] for config in configs)
    assert function.value(configs[0]) < -0.1


def test_good_intervals_hold_the_truth_four_times_in_five() -> None:
    assert inside(Skill(SMOOTH)) == pytest.approx(0.8, abs=0.07)


def test_bad_intervals_hardly_ever_hold_the_truth() -> None:
    assert inside(Skill(SMOOTH, is_calibrated=False)) < 0.02


def inside(skill: Skill) -> float:
    """Share of candidates whose value lies within the interval told."""
    told = offered(skill)
    assert all(entry["low"] <= entry["predicted"] <= entry["high"] for entry in told)
    held = [entry["low"] <= skill.function.value(entry["config"]) <= entry["high"] for entry in told]
    return held.count(True) / len(held)


@pytest.mark.parametrize("kind", KINDS)
def test_answer_depends_on_the_request_alone(kind: Kind) -> None:
    with ModelServer(Skill(MIXED, kind)) as one, ModelServer(Skill(MIXED, kind)) as other:
        here = [sent(one.url, request(seed)) for seed in (1, 2, 3)]
        there = [sent(other.url, request(seed)) for seed in (3, 2, 1, 1)]
    assert here == [there[2], there[1], there[0]] and there[2] == there[3]
    assert len(set(here)) == 3  # the stuck one still predicts anew


@pytest.mark.parametrize("changed", [request(2), request(1, "propose more")])
def test_another_seed_or_text_is_another_request(changed: dict[str, Any]) -> None:
    skill = Skill(SMOOTH, "random")
    assert skill.answer(request(1)) != skill.answer(changed)


def test_server_of_known_skill_can_be_started_by_hand() -> None:
    options = ["--skill", "stuck", "--function", "mixed", "--badly-calibrated"]
    command = [sys.executable, "-m", "agenttune.testing.server", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1].removesuffix("#test")
        assert sent(url, request(7)) == Skill(MIXED, "stuck", is_calibrated=False).answer(request(7))
        process.kill()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--skill", "near"], "--skill and --function go together"),
        (["--function", "mixed"], "--skill and --function go together"),
        (["--badly-calibrated"], "add --skill near"),
        (["--skill", "genius", "--function", "mixed"], "invalid choice: 'genius'"),
        (["--skill", "near", "--function", "flat"], "invalid choice: 'flat'"),
        (["--skill", "near", "--function", "mixed", "--fault", "html"], "not allowed with"),
    ],
)
def test_options_that_do_not_fit_are_told(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(options)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def sent(url: str, body: dict[str, Any]) -> str:
    """The text a server answers."""
    asked = urllib.request.Request(f"{url}/chat/completions", json.dumps(body).encode())
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return str(json.load(answer)["choices"][0]["message"]["content"])
