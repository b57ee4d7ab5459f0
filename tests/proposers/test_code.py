"""What runs next in a study over code: variants first, then the numbers they have earned."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import Future
from dataclasses import replace

import pytest

from agenttune.proposers import load_proposer
from agenttune.proposers.code import CodeProposer, has_numbers, wants_variant
from agenttune.proposers.llm import ModelArm
from agenttune.replies import Answer
from agenttune.testing.views import unfinished
from agenttune.trial import Proposal
from agenttune.types import Config
from agenttune.variant import Direction, Variant
from tests.proposers.arms import HandDesk, make_arm, prompter
from tests.variants.views import run, variant, view_of

GONE = Answer((), (), "unreachable", "the server is gone", 1)


def proposer(*, said: Answer | None = None) -> CodeProposer:
    """With an arm that answers, or that heard an answer which was none."""
    if said is None:
        return CodeProposer(make_arm())
    return CodeProposer(ModelArm(HandDesk(), prompter, last=(0, said)))


def numbered(n: int) -> list[Variant]:
    return [variant(number, 0 if number else None, numbers=True) for number in range(n)]


def test_registry_knows_it() -> None:
    assert isinstance(load_proposer("code", make_arm()), CodeProposer)


def test_users_own_code_comes_first_and_is_called_the_default() -> None:
    (proposal,) = proposer().propose(view_of(numbered(1)), 1)
    assert (proposal.arm, proposal.reason) == ("default", "the code as it is")
    assert proposal.config == {"variant": "v0", "v0.lr": 0.01}


def test_variant_that_nobody_ran_runs_with_its_own_numbers_and_its_parents_best_trial() -> None:
    variants = [*numbered(1), variant(1, 0, numbers=True, exchange_ids=(3, 4))]
    view = view_of(variants, [(0, 0.5)])
    better = run(1, variants[0], 0.6, {"lr": 0.02})
    (proposal,) = proposer().propose(replace(view, trials=(*view.trials, better)), 1)
    assert proposal.config == {"variant": "v1", "v1.lr": 0.01}
    assert (proposal.arm, proposal.reason, proposal.parent) == ("code", "idea 1 (from v0)", 1)
    assert (proposal.exchange_ids, proposal.seen_trials) == ((3, 4), (0, 1))
    assert view.space.contains(proposal.config)


def test_variant_of_a_parent_that_only_failed_names_that_trial() -> None:
    variants = [variant(0), variant(1), variant(2, 1, action="debug")]
    (proposal,) = proposer().propose(view_of(variants, [(0, 0.5), (1, None)]), 1)
    assert (proposal.config["variant"], proposal.parent) == ("v2", 1)


def test_numbers_are_tuned_by_auto_on_the_variants_own_trials() -> None:
    variants = numbered(2)
    view = view_of(variants, [(0, 0.1), (1, 0.9)])
    more: list[Config] = [{"lr": 0.001}, {"lr": 0.003}, {"lr": 0.05}]
    tuned = [run(2 + place, variants[1], 0.8, numbers, arm="sobol") for place, numbers in enumerate(more)]
    view = replace(view, trials=(*view.trials, *tuned))
    chosen = [proposal for n in range(6) for proposal in proposer().propose(replace(view, seed=n), 1)]
    of_best = [proposal for proposal in chosen if proposal.config["variant"] == "v1"]
    assert of_best and {proposal.arm for proposal in of_best} == {"gp"}
    first = of_best[0]
    assert first.reason.startswith("tunes the numbers of v1: expected ")
    assert first.predicted_mean is not None and first.prediction_source == "posterior"
    assert (first.parent, first.seen_trials) == (1, (0, 1, 2, 3, 4))
    assert first.memory


def test_second_best_has_its_turn_now_and_then() -> None:
    view = view_of(numbered(3), [(0, 0.1), (1, 0.9), (2, 0.8)])
    chosen = [proposer().propose(replace(view, seed=seed), 1)[0] for seed in range(60)]
    counts = Counter(proposal.config["variant"] for proposal in chosen)
    assert set(counts) == {"v1", "v2"}
    assert counts["v1"] > 2 * counts["v2"]


def test_variants_that_failed_are_not_tuned() -> None:
    view = view_of(numbered(2), [(0, 0.1), (1, None)])
    assert proposer().propose(view, 1)[0].config["variant"] == "v0"


def test_several_proposals_differ_from_each_other() -> None:
    proposals = proposer().propose(view_of(numbered(2), [(0, 0.5)]), 4)
    assert proposals[0].arm == "code"
    configs = {tuple(sorted(proposal.config.items())) for proposal in proposals}
    assert len(configs) == 4


def test_reason_says_that_numbers_stand_in_for_a_model_that_is_gone() -> None:
    (proposal,) = proposer(said=GONE).propose(view_of(numbered(1), [(0, 0.5)]), 1)
    assert proposal.reason.startswith(
        "the model gave nothing to run: the server is gone; sobol stands in: tunes the numbers of v0: "
    )


def test_nothing_is_left_without_numbers_and_it_says_so() -> None:
    dry = proposer(said=GONE)
    assert dry.propose(view_of([variant(0)], [(0, 0.5)]), 1) == []
    assert dry.nothing is not None and dry.nothing.endswith("no variant that works has numbers left to tune")
    assert dry.propose(view_of([variant(0)]), 1) != [] and dry.nothing is None


def test_used_up_numbers_are_nothing_left() -> None:
    coarse = variant(0, None, parameters={"n": {"type": "int", "low": 1, "high": 2}}, defaults={"n": 1})
    view = view_of([coarse])
    trials = tuple(run(place, coarse, 0.5, {"n": n}) for place, n in enumerate((1, 2)))
    assert proposer().propose(replace(view, trials=trials), 1) == []


# -- when a variant is wanted ----------------------------------------------------------------------


def test_nothing_is_asked_before_the_users_own_code_was_run_and_then_at_once() -> None:
    assert not wants_variant(view_of(numbered(1)))
    assert wants_variant(view_of(numbered(1), [(0, 0.5)]))


@pytest.mark.parametrize(("score", "earned"), [(0.9, 2), (0.1, 1)])
def test_new_best_earns_two_trials_of_numbers_and_another_one_earns_one(score: float, earned: int) -> None:
    variants = numbered(2)
    view = view_of(variants, [(0, 0.5), (1, score)])
    wanted = []
    for n in range(4):
        more = tuple(run(2 + place, variants[0], 0.4, {"lr": 0.001 + place / 1000}) for place in range(n))
        wanted.append(wants_variant(replace(view, trials=(*view.trials, *more))))
    assert wanted == [n >= earned for n in range(4)]


def test_variant_that_failed_is_mended_at_once() -> None:
    assert wants_variant(view_of(numbered(2), [(0, 0.5), (1, None)]))


def test_best_without_numbers_leaves_those_of_worse_variants_alone() -> None:
    assert wants_variant(view_of([*numbered(1), variant(1)], [(0, 0.5), (1, 0.9)]))
    three = [*numbered(1), variant(1), variant(2), variant(3)]
    assert wants_variant(view_of(three, [(0, 0.1), (1, 0.9), (2, 0.8), (3, 0.2)]))


def test_without_numbers_the_next_variant_is_wanted_at_once() -> None:
    view = view_of([variant(0), variant(1)], [(0, 0.5), (1, 0.9)])
    assert wants_variant(view)
    assert not has_numbers(view)


def test_variant_that_waits_or_was_not_run_is_enough() -> None:
    variants = numbered(2)
    view = view_of(variants, [(0, 0.5)])
    assert not wants_variant(view)
    waiting = unfinished(
        1, {"variant": "v1", "v1.lr": 0.01}, proposal=Proposal({"variant": "v1", "v1.lr": 0.01}, "code", "")
    )
    assert not wants_variant(replace(view, trials=(*view.trials, waiting)))


def test_entries_that_are_no_variants_change_nothing() -> None:
    view = view_of(numbered(1), [(0, 0.5)])
    with_idea = replace(view, code=(*view.code, Direction(0, "improve", "square it", id=9)))
    assert wants_variant(with_idea)
    assert proposer().propose(with_idea, 1) == proposer().propose(view, 1)


def test_slow_model_is_waited_for_where_nothing_else_could_run() -> None:
    def slow() -> CodeProposer:
        return CodeProposer(ModelArm(HandDesk(), prompter, latency_s=0.0, start=lambda desk, question: Future()))

    alone, beside = slow(), slow()
    without, with_numbers = view_of([variant(0)], [(0, 0.5)]), view_of(numbered(1), [(0, 0.5)])
    assert [alone.is_ready(without) for _ in range(3)] == [False, False, False]
    assert [beside.is_ready(with_numbers) for _ in range(2)] == [False, True]
