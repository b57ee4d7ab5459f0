"""The messages that have a language model write code, at most `MAX_TOKENS` of them by the stated estimate.

What never changes comes first (the contract, the goal, the user's target and the file around it), then the code to
change, then the variants so far, then what is wanted. Where that is too long, the file around the target is shortened
first, then the lists of the digest, in the steps of `DETAILS`, and the prompt says so. Stateless: all is made of the
view, the entries and the user's file. Not for: sending it (variants/desk.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agenttune.errors import ConfigInvalid
from agenttune.exchange import Prompt, estimate_tokens
from agenttune.history import StudyView
from agenttune.insight.quoting import digits_to_tell_apart, quote, spell_number
from agenttune.prompts import SUFFIX, fenced, prompt_hash, render
from agenttune.redaction import redact
from agenttune.trial import Failure, FailureKind, TrialState
from agenttune.types import Json
from agenttune.variant import CodeEntry, Direction, Lesson, RefusedBlock, Variant, name_of
from agenttune.variants.numbers import with_values
from agenttune.variants.refused import BlockRefused
from agenttune.variants.space import numbers_of
from agenttune.variants.target import Kind, Target
from agenttune.variants.tree import Node, Step, Tree, tree_of

MAX_TOKENS = 8_000
"""Estimated tokens of all messages stay below, where the target itself leaves room: the context of small models."""
MOST_CODE_TOKENS = 2_500
"""Of the user's target, and of the variant that is to be changed: some 250 lines each."""
MOST_TEXT = 200
"""Characters of an idea, a lesson, a reason or the last line of a traceback in a list."""
MOST_TRACEBACK_TOKENS = 700
"""Of a traceback that is to be mended, from its end: some 40 lines."""
MOST_CONTEXT = 300
"""Characters of one line about the study."""
TRACEBACK_PLACE = '  File "'
"""What is in the end of a traceback, too, whose first lines were cut off."""
GAP = "... [{n} lines left out] ..."
KIND_INTERFACE: dict[Kind, str] = {
    "function": "its parameters, their order and their defaults, and what it returns.",
    "class": "its name, its bases, and its public methods with their parameters.",
    "file": "its public names, with the parameters of its functions and methods.",
}
KIND_PLACE: dict[Kind, str] = {
    "function": "statements of the function itself, not within `if` or a loop",
    "class": "attributes of the class itself",
    "file": "at the top level of the file",
}


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is told."""

    around: int
    """Lines of the file around the target, above and below it together."""
    nodes: int
    """Variants: the best half and the latest half of them, and what they were made of."""
    lessons: int
    refused: int
    untried: int


DETAILS = (
    Detail(120, 40, 12, 8, 8),
    Detail(60, 40, 12, 8, 8),
    Detail(30, 24, 8, 5, 6),
    Detail(0, 24, 8, 5, 6),
    Detail(0, 12, 5, 3, 4),
    Detail(0, 6, 2, 1, 2),
    Detail(0, 2, 0, 0, 0),
)
"""From most to least; the first that fits is taken."""


@dataclass(frozen=True, slots=True)
class NodeLine:
    """A variant as shown; empty where there is nothing to say."""

    name: str
    depth: int
    """Of the variants shown that it was made of."""
    is_best: bool
    result: str
    gain: str
    parent: str
    action: str
    idea: str
    n_trials: int


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence about a variant."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A block that was refused."""

    name: str
    kind: str
    reason: str
    idea: str


@dataclass(frozen=True, slots=True)
class CodeDigest:
    """What a prompt shows of the variants."""

    nodes: list[NodeLine]
    lessons: list[Said]
    untried: list[Said]
    refused: list[RefusedLine]
    n_variants: int
    n_failed: int


class CodeWriter:
    """Writes the prompts of one study at one moment."""

    def __init__(
        self,
        view: StudyView,
        target: Target,
        text: str,
        *,
        scoring: str,
        context: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> None:
        """
        Args:
            view: the study; its trials, not its entries, which come with each question.
            target: what is changed, in the user's file.
            text: of the user's file.
            scoring: how a variant is scored, in sentences of ours.
            context: (label -> text) of what is tuned; untrusted.
            seconds: that one run may take.
        """
        self._view = view
        self._target = target
        self._text = text
        self._scoring = scoring
        self._context = context or {}
        self._seconds = seconds

    def directions(self, entries: Sequence[CodeEntry], step: Step, *, k: int) -> Prompt:
        """For `k` ideas how to change the step's parent, with lessons of the variants that have none yet."""
        tree = self._tree(entries)
        told = {entry.variant for entry in entries if isinstance(entry, Lesson)}
        ended = [node for node in tree.nodes.values() if node.state in ("complete", "failed") and node.variant.number]
        untold = [node.variant.name for node in ended if node.variant.number not in told][-k:]
        wanted = render("code_directions", k=k, parent=name_of(step.parent), action=step.action, variants=untold)
        return self._prompt(tree, entries, step, wanted, "code_directions")

    def block(self, entries: Sequence[CodeEntry], step: Step, direction: Direction) -> Prompt:
        """For the code of one idea."""
        wanted = render(
            "code_block",
            title=self._target.title,
            parent=name_of(step.parent),
            idea=quote(direction.idea, 2 * MOST_TEXT),
        )
        return self._prompt(self._tree(entries), entries, step, wanted, "code_block")

    def debug(self, entries: Sequence[CodeEntry], step: Step) -> Prompt:
        """For code that mends the step's parent."""
        tree = self._tree(entries)
        failure = tree.nodes[step.parent].failure
        assert failure is not None  # only what failed is mended
        wanted = render(
            "code_debug",
            title=self._target.title,
            parent=name_of(step.parent),
            kind=str(failure.kind),
            failure=fenced(_traceback(failure)),
        )
        return self._prompt(tree, entries, step, wanted, "code_debug")

    def mending(self, step: Step) -> str:
        """The idea of a mend, in a sentence for people."""
        failure = tree_of(self._view).nodes[step.parent].failure
        assert failure is not None  # only what failed is mended
        return f"mends {name_of(step.parent)}, which failed: {last_line(failure)}"

    def _tree(self, entries: Sequence[CodeEntry]) -> Tree:
        return tree_of(replace(self._view, code=tuple(entries)))

    # -- putting it together -----------------------------------------------------------------------

    def _prompt(self, tree: Tree, entries: Sequence[CodeEntry], step: Step, wanted: str, name: str) -> Prompt:
        system = self._system()
        base = self._base(tree, step)
        user = ""
        for detail in DETAILS:
            digest, shortened = self._digest(tree, entries, step, detail)
            parts = [self._study(detail), base, digest_text(digest, shortened), wanted]
            user = "\n\n".join(part for part in parts if part)
            if estimate_tokens(system) + estimate_tokens(user) < MAX_TOKENS:
                break
        messages: tuple[dict[str, Json], ...] = (
            {"role": "system", "content": system},
            {"role": "user", "content": user},
        )
        files = ("code_system", "code_study", "code_digest", name)
        return Prompt(messages, {file + SUFFIX: prompt_hash(file) for file in files})

    def _system(self) -> str:
        kind = self._target.kind
        return render(
            "code_system",
            title=self._target.title,
            interface=KIND_INTERFACE[kind],
            place=KIND_PLACE[kind],
            seconds=None if self._seconds is None else f"{self._seconds:g}",
        )

    def _study(self, detail: Detail) -> str:
        goal = self._view.goal
        return render(
            "code_study",
            maximize=goal.direction == "maximize",
            scoring=self._scoring,
            metric=quote(goal.metric),
            constraints=[quote(text) for text in goal.constraints],
            context=[Said(quote(label), quote(text, MOST_CONTEXT)) for label, text in self._context.items()],
            title=self._target.title,
            source=code_text(self._target.source),
            around=self._around(detail.around),
        )

    def _around(self, most: int) -> str:
        """The file without the target: the lines next to it, and "" where there are none."""
        above = self._text[: self._target.start].splitlines()
        below = self._text[self._target.end :].splitlines()
        if self._target.kind == "file" or not any(line.strip() for line in [*above, *below]):
            return ""
        kept = [*_ends(above, most - most // 2), "[the target]", *_ends(below, most // 2)]
        return fenced(redact("\n".join(kept)))

    def _base(self, tree: Tree, step: Step) -> str:
        """The code that is to be changed, where that is not the user's own, which is shown already."""
        if step.parent == 0:
            return ""
        node = tree.nodes[step.parent]
        return f"# {node.variant.name}, the variant to change\n{code_text(_best_block(node))}"

    # -- the digest --------------------------------------------------------------------------------

    def _digest(self, tree: Tree, entries: Sequence[CodeEntry], step: Step, detail: Detail) -> tuple[CodeDigest, str]:
        """(what is shown, what is left out of it in words)."""
        shown = _chosen(tree, step.parent, detail.nodes)
        lessons = [entry for entry in entries if isinstance(entry, Lesson)]
        refused = [entry for entry in entries if isinstance(entry, RefusedBlock)][::-1]
        spent = {entry.direction for entry in entries if isinstance(entry, Variant | RefusedBlock)}
        untried = [entry for entry in entries if isinstance(entry, Direction) and entry.id not in spent][::-1]
        digest = CodeDigest(
            nodes=_lines(tree, shown),
            lessons=[
                Said(name_of(entry.variant), quote(entry.text, MOST_TEXT)) for entry in _last(lessons, detail.lessons)
            ],
            untried=[Said(name_of(entry.parent), quote(entry.idea, MOST_TEXT)) for entry in untried[: detail.untried]],
            refused=[
                RefusedLine(
                    name_of(entry.parent),
                    entry.kind,
                    quote(entry.reason, MOST_TEXT),
                    quote(entry.idea, MOST_TEXT) if entry.idea else "",
                )
                for entry in refused[: detail.refused]
            ],
            n_variants=len(tree.nodes),
            n_failed=sum(node.state == "failed" for node in tree.nodes.values()),
        )
        counts = {
            "variants": len(tree.nodes) - len(digest.nodes),
            "lessons": len(lessons) - len(digest.lessons),
            "ideas": len(untried) - len(digest.untried),
            "refused": len(refused) - len(digest.refused),
        }
        return digest, ", ".join(f"{n} more {what}" for what, n in counts.items() if n)


def digest_text(digest: CodeDigest, shortened: str) -> str:
    """The digest as a prompt has it."""
    return render("code_digest", d=digest, shortened=shortened)


def code_text(source: str) -> str:
    """Code as a prompt shows it: whole, or without its middle where it is too long."""
    lines = source.rstrip().splitlines()
    keep = len(lines)
    while keep > 1 and estimate_tokens("\n".join(_ends(lines, keep))) > MOST_CODE_TOKENS:
        keep = keep * 3 // 4
    shown = "\n".join(_ends(lines, keep))
    if estimate_tokens(shown) > MOST_CODE_TOKENS:  # one endless line
        shown = shown[:MOST_CODE_TOKENS]
    return fenced(redact(shown))


def _ends(lines: Sequence[str], most: int) -> list[str]:
    """At most so many lines from both ends, and how many are left out between them."""
    if len(lines) <= most:
        return list(lines)
    head = most - most // 2
    return [*lines[:head], GAP.format(n=len(lines) - most), *lines[len(lines) - most // 2 :]]


def _best_block(node: Node) -> str:
    """A variant's block with the best numbers that were found for it."""
    if node.best is None:
        return node.variant.block
    try:
        return with_values(node.variant.block, numbers_of(node.variant, node.best.config))
    except (BlockRefused, ConfigInvalid):  # a key in the block was taken out, say, and it parses no longer
        return node.variant.block


def last_line(failure: Failure) -> str:
    """The last line of a crash's traceback, which says what went wrong, or the failure's sentence."""
    tail = (failure.traceback_tail or "").rstrip()
    # where it was ended, or no traceback is there, the last line is whatever the code printed
    is_said = failure.kind is FailureKind.CRASH and TRACEBACK_PLACE in tail
    return (tail.splitlines()[-1] if is_said else failure.message).strip()[:MOST_TEXT]


def _traceback(failure: Failure) -> str:
    """What the failure says, and the end of its traceback."""
    tail = (failure.traceback_tail or "").strip().encode("utf-8", "replace")[-3 * MOST_TRACEBACK_TOKENS :]
    return redact(f"{failure.message[:MOST_TEXT]}\n{tail.decode('utf-8', 'ignore')}".strip())


def _last(entries: Sequence[Lesson], most: int) -> Sequence[Lesson]:
    return entries[-most:] if most else ()


def _chosen(tree: Tree, parent: int, most: int) -> set[int]:
    """Numbers of the variants that are shown: the parent and the user's own, the best and the latest."""
    best = [node.variant.number for node in tree.ranked[: most // 2]]
    latest = list(tree.nodes)[-(most - most // 2) :]
    return {0, parent, *best, *latest}


def _lines(tree: Tree, shown: set[int]) -> list[NodeLine]:
    """The chosen variants, each below the nearest one that is shown of those it was made of."""
    values = [node.value for node in tree.nodes.values() if node.value is not None]
    digits = digits_to_tell_apart(values)
    best = tree.ranked[0].variant.number if tree.ranked else None
    below: dict[int | None, list[int]] = {}
    for number in sorted(shown):
        parent = tree.nodes[number].variant.parent
        while parent is not None and parent not in shown:
            parent = tree.nodes[parent].variant.parent
        below.setdefault(parent, []).append(number)

    def walk(parent: int | None, depth: int) -> Iterator[NodeLine]:
        for number in below.get(parent, []):
            yield _line(tree.nodes[number], depth, is_best=number == best, digits=digits)
            yield from walk(number, depth + 1)

    return list(walk(None, 0))


def _line(node: Node, depth: int, *, is_best: bool, digits: int) -> NodeLine:
    variant = node.variant
    gain = "" if node.gain is None else f"{spell_number(abs(node.gain))} {'worse' if node.gain < 0 else 'better'}"
    return NodeLine(
        variant.name,
        min(depth, 12),
        is_best,
        _result(node, digits),
        gain,
        "" if variant.parent is None else name_of(variant.parent),
        variant.action,
        "the user's own code" if variant.action == "start" else quote(variant.idea, MOST_TEXT),
        len(node.trials),
    )


def _result(node: Node, digits: int) -> str:
    if node.value is not None:
        return spell_number(node.value, digits)
    stopped = [trial for trial in node.trials if trial.state is TrialState.STOPPED and trial.reports]
    values = [] if not stopped else list(stopped[-1].reports[-1].metrics.values())
    if values:  # of the first metric that it reports, which is the goal's where it reports one alone
        return f"stopped early, at {spell_number(values[0], digits)}"
    if node.state == "failed":
        failure = node.failure
        return "failed" if failure is None else f"failed ({failure.kind}): {quote(last_line(failure), MOST_TEXT)}"
    return {"unrun": "not run yet", "running": "runs", "complete": "no value that counts"}[node.state]
