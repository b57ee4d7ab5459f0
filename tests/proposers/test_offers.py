"""What the gate's other arms offer: points of their own, under their own names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agenttune.goal import Goal
from agenttune.history import StudyView, config_key
from agenttune.proposers import load_proposer
from agenttune.proposers.offers import Offer, Side, other_offers, surrogate_side
from agenttune.space import Categorical, Int, Space
from agenttune.testing.views import measured, tuned
from agenttune.types import Config

SPACE = Space(a=Int(0, 9), b=Categorical(["u", "v", "w"]))


def height(config: Config) -> float:
    return -((float(config["a"]) - 4) ** 2) - "uvw".index(str(config["b"]))


def rounds() -> Iterator[tuple[StudyView, Side, list[Offer]]]:
    """A study that uses up its space of thirty points, with what is offered beside the surrogate's point."""
    view = tuned(StudyView(SPACE, Goal("value", "maximize"), (), seed=1), load_proposer("gp"), height, 12)
    while (side := surrogate_side(view)) is not None:
        yield view, side, other_offers(view, side, side.own)
        view = measured(view, side.own, height)


@pytest.fixture(scope="module")
def told() -> list[tuple[StudyView, Side, list[Offer]]]:
    """All rounds."""
    return list(rounds())


def test_no_arm_offers_what_another_does(told: list[tuple[StudyView, Side, list[Offer]]]) -> None:
    assert sum(bool(offers) for *_, offers in told) > 5
    for _, side, offers in told:
        points = [config_key(side.own.config), *(config_key(offered.config) for offered in offers)]
        assert len(set(points)) == len(points)


def test_random_draw_is_not_offered_as_the_density_estimates(told: list[tuple[StudyView, Side, list[Offer]]]) -> None:
    arms = [load_proposer("tpe").propose(view, 1)[0].arm for view, *_ in told]
    assert "random" in arms and "tpe" in arms
    for arm, (*_, offers) in zip(arms, told, strict=True):
        assert arm == "tpe" or not any(offered.arm == "tpe" for offered in offers)
