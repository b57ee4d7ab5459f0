"""The tree as the record tells it, and what is asked for next."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agenttune.goal import Goal
from agenttune.testing.views import unfinished
from agenttune.trial import FailureKind, Trial
from agenttune.variant import Action, RefusedBlock, Variant
from agenttune.variants.tree import PATIENCE, Step, next_step, tree_of
from tests.variants.views import variant, view_of


def step(variants: list[Variant], runs: list[tuple[int, float | None]], **rest: object) -> Step:
    return next_step(tree_of(view_of(variants, runs, **rest)), np.random.default_rng(0))


def debug(number: int, parent: int) -> Variant:
    return variant(number, parent, action="debug")


def test_nodes_know_their_trials_best_and_gain() -> None:
    tree = tree_of(view_of([variant(0, numbers=True), variant(1), variant(2, 1)], [(0, 0.5), (0, 0.6), (1, 0.55)]))
    assert [node.state for node in tree.nodes.values()] == ["complete", "complete", "unrun"]
    assert [node.value for node in tree.nodes.values()] == [0.6, 0.55, None]
    assert tree.nodes[1].gain == pytest.approx(-0.05)
    assert (tree.nodes[0].gain, tree.nodes[2].gain) == (None, None)
    assert [node.children for node in tree.nodes.values()] == [(1,), (2,), ()]
    assert tree.nodes[0].best is not None and tree.nodes[0].best.number == 1
    assert [node.variant.number for node in tree.ranked] == [0, 1]


def test_less_is_better_where_the_goal_says_so() -> None:
    view = view_of([variant(0), variant(1)], [(0, 0.5), (1, 0.4)], goal=Goal("score", "minimize"))
    tree = tree_of(view)
    assert tree.nodes[1].gain == pytest.approx(0.1)
    assert tree.ranked[0].variant.number == 1


def test_states_of_variants() -> None:
    variants = [variant(number) for number in range(4)]
    running = unfinished(2, {"variant": "v2"})
    trials = (*view_of(variants, [(0, 0.5), (1, None)]).trials, running)
    tree = tree_of(view_of(variants, trials=trials))
    assert [node.state for node in tree.nodes.values()] == ["complete", "failed", "running", "unrun"]
    assert tree.nodes[1].failure is not None


def test_failed_variant_is_mended_first_and_the_latest_one_before_others() -> None:
    assert step([variant(0), variant(1), variant(2)], [(0, 0.5), (1, None), (2, None)]) == Step("debug", 2)


def test_variant_is_mended_once_and_its_mend_is_mended_once_more() -> None:
    variants = [variant(0), variant(1), debug(2, 1)]
    assert step(variants, [(0, 0.5), (1, None), (2, None)]) == Step("debug", 2)
    variants.append(debug(3, 2))
    assert step(variants, [(0, 0.5), (1, None), (2, None), (3, None)]) == Step("improve", 0)


def test_mend_that_was_refused_is_not_tried_again_once_its_trial_number_is_past() -> None:
    variants = [variant(0), variant(1)]
    runs: list[tuple[int, float | None]] = [(0, 0.5), (1, None)]
    now, before = (RefusedBlock(1, "unparsable", "it is no Python", asked_at=at) for at in (2, 1))
    assert step(variants, runs, code=(*variants, now)).action == "debug"  # asked for this very trial: the same again
    assert step(variants, runs, code=(*variants, before)).action == "improve"


def test_refused_block_of_a_direction_is_no_mend() -> None:
    variants = [variant(0), variant(1)]
    refused = RefusedBlock(1, "unparsable", "it is no Python", direction=9, asked_at=0)
    assert step(variants, [(0, 0.5), (1, None)], code=(*variants, refused)).action == "debug"


def test_loss_is_nobodys_fault() -> None:
    def lost(trial: Trial) -> Trial:
        assert trial.failure is not None
        return replace(trial, failure=replace(trial.failure, kind=FailureKind.LOST))

    variants = [variant(0), variant(1)]
    view = view_of(variants, [(0, 0.5), (1, None)])
    view = replace(view, trials=(view.trials[0], lost(view.trials[1])))
    assert next_step(tree_of(view), np.random.default_rng(0)) == Step("improve", 0)


def test_users_own_code_is_improved_before_anything_was_measured() -> None:
    assert step([variant(0)], []) == Step("improve", 0)


def test_best_variant_is_improved_and_then_the_next_one_gets_its_turn() -> None:
    variants = [variant(number) for number in range(4)]
    runs: list[tuple[int, float | None]] = [(0, 0.1), (1, 0.2), (2, 0.9), (3, 0.8)]
    assert step(variants, runs) == Step("improve", 2)
    more = [*variants, variant(4, 2), variant(5, 2)]
    assert step(more, runs) == Step("improve", 3)


@pytest.mark.parametrize(("last", "action"), [("improve", "draft"), ("draft", "improve")])
def test_draft_starts_anew_once_nothing_improved_for_a_while(last: Action, action: Action) -> None:
    variants = [variant(0), *(variant(number) for number in range(1, PATIENCE + 1))]
    variants[-1] = replace(variants[-1], action=last)
    runs: list[tuple[int, float | None]] = [(0, 0.9), *((number, 0.5) for number in range(1, PATIENCE + 1))]
    assert step(variants, runs).action == action


def test_new_best_puts_the_draft_off() -> None:
    variants = [variant(0), *(variant(number) for number in range(1, PATIENCE + 1))]
    runs: list[tuple[int, float | None]] = [(0, 0.4), *((number, 0.5) for number in range(1, PATIENCE + 1))]
    assert step(variants, runs).action == "improve"


def test_equals_are_decided_by_the_generator_and_by_it_alone() -> None:
    variants = [variant(0), variant(1), variant(2)]
    tree = tree_of(view_of(variants, [(0, 0.5), (1, 0.5), (2, 0.5)]))
    chosen = [next_step(tree, np.random.default_rng(7)) for _ in range(3)]
    assert chosen[0] == chosen[1] == chosen[2]


def test_five_hundred_variants_are_a_tree_with_every_one_in_it() -> None:
    variants = [variant(0), *(variant(number, (number - 1) // 3) for number in range(1, 500))]
    tree = tree_of(view_of(variants, [(number, number / 500) for number in range(500)]))
    assert len(tree.nodes) == 500
    assert sum(len(node.children) for node in tree.nodes.values()) == 499
    assert next_step(tree, np.random.default_rng(0)).parent >= 490


def test_rows_stand_below_their_parent_and_say_who_is_last() -> None:
    tree = tree_of(view_of([variant(0), variant(1), variant(2, 1), variant(3), variant(4, 1)]))
    assert [(way, node.variant.number) for way, node in tree.rows()] == [
        ((), 0),
        ((False,), 1),
        ((False, False), 2),
        ((False, True), 4),
        ((True,), 3),
    ]


def test_chain_of_two_thousand_variants_is_drawn() -> None:
    tree = tree_of(view_of([variant(0)], code=tuple(variant(number, number - 1) for number in range(2_000))))
    assert len(list(tree.rows())) == 2_000
