"""Variants of a study over code as people look at them: the tree, one variant, a patch."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator

from agenttune.cli.console import clip, emit, put, put_labelled, width
from agenttune.cli.format import number
from agenttune.errors import UserError
from agenttune.history import StudyView, read_view
from agenttune.spec import StudyRow
from agenttune.store import Store
from agenttune.types import Json
from agenttune.variant import Lesson, RefusedBlock, Variant, name_of
from agenttune.variants.space import numbers_of
from agenttune.variants.tree import Node, Tree, tree_of
from agenttune.visible import clean, clean_block

COLOURS = {"+": "32", "-": "31", "@": "36"}


def show_tree(store: Store, row: StudyRow, *, json: bool) -> None:
    """Prints all variants with their scores, and what was refused.

    Raises:
        UserError: it is no study over code.
    """
    view = _view(store, row)
    tree = tree_of(view)
    refused = [entry for entry in view.code if isinstance(entry, RefusedBlock)]
    if json:
        nodes: list[Json] = [_as_json(node) for node in tree.nodes.values()]
        kinds: dict[str, Json] = dict(Counter(str(entry.kind) for entry in refused))
        emit({"study": row.name, "metric": view.goal.metric, "variants": nodes, "refused": kinds})
        return
    put_labelled("code", f"{row.spec.objective['target'] or 'all'} of {row.spec.objective['file']}")
    put_labelled("scored", scored(row))
    for line in tree_lines(tree):
        put(clip(line, width()))
    for kind, n in Counter(entry.kind for entry in refused).most_common():
        last = next(entry for entry in reversed(refused) if entry.kind == kind)
        put(clip(f"refused  {n} {kind}: {clean(last.reason)}", width()))


def tree_lines(tree: Tree) -> Iterator[str]:
    """One line a variant, children below their parent."""
    best = tree.ranked[0].variant.number if tree.ranked else None
    for way, node in tree.rows():
        lead = "".join("   " if is_last else "│  " for is_last in way[:-1])
        branch = ("└─ " if way[-1] else "├─ ") if way else ""
        yield f"{lead}{branch}{_line(node, is_best=node.variant.number == best)}"


def show_variant(store: Store, row: StudyRow, wanted: int, *, json: bool) -> None:
    """Prints everything known of one variant.

    Raises:
        UserError: it is no study over code, or has no such variant.
    """
    view = _view(store, row)
    tree = tree_of(view)
    if wanted not in tree.nodes:
        known = ", ".join(map(name_of, tree.nodes)) or "none before it has begun"
        raise UserError(f"study {row.name!r} has no variant {name_of(wanted)}; there are {known}")
    node = tree.nodes[wanted]
    lessons = [entry.text for entry in view.code if isinstance(entry, Lesson) and entry.variant == wanted]
    if json:
        emit({**_as_json(node), "lessons": list(lessons), "block": node.variant.block})
        return
    put_labelled("variant", f"{node.variant.name} of {row.name}, {_origin(node.variant)}")
    put_labelled("result", _result(node))
    if node.best is not None and node.variant.parameters:
        values = numbers_of(node.variant, node.best.config)
        put_labelled("numbers", " ".join(f"{name}={value}" for name, value in values.items()))
    for lesson in lessons:
        put_labelled("lesson", lesson)
    if node.failure is not None and node.failure.traceback_tail:
        put()
        put("\n".join(clean_block(node.failure.traceback_tail).splitlines()))
    put()
    put("\n".join(clean_block(node.variant.block).splitlines()))


def put_diff(diff: str) -> None:
    """Prints a patch, in colours where there is a terminal that has them."""
    is_plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ
    if is_plain and not sys.stdout.isatty():
        sys.stdout.write(diff)  # byte for byte, so that `patch` takes it
        return
    for line in clean_block(diff).splitlines():
        colour = None if is_plain else COLOURS.get(line[:1])
        put(line if colour is None else f"\x1b[{colour}m{line}\x1b[0m")


def scored(row: StudyRow) -> str:
    """Where the score comes from, in words."""
    objective = row.spec.objective
    if "data" in objective:
        return f"{row.spec.goal.metric} of predictions on {objective['data']}, by labels that the code cannot read"
    return f"{row.spec.goal.metric}, self-reported by {objective['command']}"


def _view(store: Store, row: StudyRow) -> StudyView:
    if row.spec.objective.get("type") != "code":
        raise UserError(f"study {row.name!r} tunes no code; `agenttune code FILE` starts a study that does")
    return read_view(store, row)


def _line(node: Node, *, is_best: bool) -> str:
    mark = "*" if is_best else " "
    n = len(node.trials)
    told = f" ({n} trials)" if n > 1 else ""
    return f"{node.variant.name:<4}{mark} {_result(node)}{told}  {_origin(node.variant)}"


def _origin(variant: Variant) -> str:
    if variant.parent is None:
        return "your own code"
    return f"{variant.action}: {clean(variant.idea)}"


def _result(node: Node) -> str:
    if node.value is not None:
        return number(node.value) + ("" if node.gain is None else f" ({node.gain:+.4g})")
    if node.failure is not None:
        return f"failed ({node.failure.kind.value}): {clean(node.failure.message)}"
    return "stopped early" if node.state == "complete" else node.state


def _as_json(node: Node) -> dict[str, Json]:
    variant = node.variant
    return {
        "variant": variant.name,
        "parent": None if variant.parent is None else name_of(variant.parent),
        "action": variant.action,
        "idea": variant.idea,
        "state": node.state,
        "value": node.value,
        "gain": node.gain,
        "best_trial": None if node.best is None else node.best.number,
        "n_trials": len(node.trials),
        "failure": None if node.failure is None else {"kind": node.failure.kind.value, "message": node.failure.message},
    }
