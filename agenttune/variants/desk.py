"""`CodeDesk`: has a model write code, with everything around it, and keeps what comes of it in the store.

One question is a chain of requests: directions where none is left, then a block for the first of them, one request to
repair it, and the next direction where it was refused. What is asked is a function of the question and of the entries,
and each request that is known is not sent again: a driver that was killed anywhere in a chain, and asks the same
question again, goes on where it was. Not for: what is written in a prompt (insight/), or running a variant.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from agenttune.exchange import ExchangeRequest, estimate_tokens
from agenttune.redaction import redact
from agenttune.replies.asking import CLOSED, Asking
from agenttune.replies.decode import Decoded
from agenttune.replies.sender import Cancelled, Sent
from agenttune.replies.turn import Turn
from agenttune.space.serial import parameter_to_json
from agenttune.types import Json
from agenttune.variant import CodeEntry, Direction, Lesson, RefusedBlock, RefusedKind, Variant
from agenttune.variants.checking import Checked
from agenttune.variants.follow_up import asked_again, repair_of
from agenttune.variants.question import MAX_BLOCKS, Checker, CodeAnswer, CodeQuestion, CodeStore
from agenttune.variants.reading import read_block, read_ideas
from agenttune.variants.refused import BlockRefused
from agenttune.variants.tree import Step

N_REPLIES = 2 + 2 * MAX_BLOCKS
"""Replies that one question has time for: directions and blocks, each asked for twice."""
MAX_KEPT_CHARS = 2_000
"""Of a refused block."""
MOST_BLOCK_TOKENS = 12_000
"""Of a reply with a block, where the settings do not allow more; each reserves what it costs at worst."""
GROWTH = 3
"""How many times longer than its parent a block may be."""
REPAIRABLE: tuple[RefusedKind, ...] = (
    *("no-code", "several-blocks", "unparsable", "too-long", "wrong-target", "outside-target"),
    *("changed-interface", "forbidden-import", "bad-numbers"),
)
"""Kinds of refusals that a model can mend in its next reply; another block would be another idea."""
OF_FORM: tuple[RefusedKind, ...] = ("no-code", "several-blocks", "unparsable")
ANSWERED = ("used", "repaired")
UNREAD = ("unparsable", "empty", "cut", "refused")
"""Verdicts of replies that came and hold nothing of use; what the model says next may."""
READ = ("duplicate", *UNREAD)
"""Verdicts of requests for directions that got a reply: the next request may do better."""
GONE = "the model offers no direction that was not tried"


class CodeDesk:
    """Asks one model for the code of one study; its methods block."""

    def __init__(self, asking: Asking, store: CodeStore, study_id: str, checker: Checker) -> None:
        self._asking = asking
        self._store = store
        self._study_id = study_id
        self._checker = checker

    def ask(self, question: CodeQuestion) -> CodeAnswer:
        """Has a variant written; directions, variants, refused blocks and lessons are kept as they come.

        Raises:
            StoreError: the store cannot be written. Never because of what a model says or does.
        """
        chain = _Chain(question, self._asking, self._checker, self._keep)
        try:
            verdict, why = chain.run()
        except Cancelled:
            verdict, why = "error", CLOSED
        return CodeAnswer(verdict, why, chain.n_sent)

    def cancel(self) -> None:
        """Has `ask` return at once and sends nothing more."""
        self._asking.cancel()

    def _keep(self, entries: Sequence[CodeEntry]) -> list[CodeEntry]:
        return self._store.add_code_entries(self._study_id, entries)


class _Chain:
    """One question under way."""

    def __init__(
        self,
        question: CodeQuestion,
        asking: Asking,
        checker: Checker,
        keep: Callable[[Sequence[CodeEntry]], list[CodeEntry]],
    ) -> None:
        self.question = question
        self.step = question.step
        self.asking = asking
        self.checker = checker
        self.keep = keep
        self.entries = question.entries
        self.ends_at = asking.ends_at()
        self.n_sent = 0
        self.been: set[int] = set()
        """Numbers of the variants that there are no new directions for."""

    def run(self) -> tuple[str, str | None]:
        """(verdict, why) of the whole chain; what a driver before this one had done of it is not done again."""
        verdict, why = self._run()
        instead = self.question.instead
        if verdict in ANSWERED or instead is None or not self._came():  # without a reply the next would get none
            return verdict, why
        self.step = instead
        return self._run()

    def _run(self) -> tuple[str, str | None]:
        """(verdict, why) of one step."""
        came = self._came()
        if any(isinstance(entry, Variant) for entry in came):
            return "used", None
        refused = [entry for entry in came if isinstance(entry, RefusedBlock)]
        last: tuple[str, str | None] | None = None
        if refused:
            last = _verdict(refused[-1].kind), refused[-1].reason
        n_most = 1 if self.step.action == "debug" else self.question.max_blocks
        for _ in range(n_most - len(refused)):
            if last is not None and time.monotonic() > self.ends_at:
                break
            direction = None if self.step.action == "debug" else self._unspent() or self._ask_directions()
            if isinstance(direction, tuple):
                return (self._go_elsewhere() if direction[0] in READ else None) or direction
            n_before = len(self.entries)
            last = self._ask_block(direction)
            if last[0] in ANSWERED or len(self.entries) == n_before:  # no reply came: the next request would get none
                return last
        assert last is not None  # there is room for a block, or one was refused before
        return last

    def _go_elsewhere(self) -> tuple[str, str | None] | None:
        """(verdict, why) of the first idea for another variant that nobody wrote, where there is one.

        One that was written for this very question counts as such, so that a question goes on where it was.
        """
        self.been.add(self.step.parent)
        entries = [entry for entry in self.entries if isinstance(entry, Variant | RefusedBlock)]
        spent = {entry.direction for entry in entries if entry.asked_at != self.question.asked_at}
        left = (entry for entry in self.entries if isinstance(entry, Direction) and entry.id not in spent)
        other = next((entry for entry in left if entry.parent not in self.been), None)
        if other is None or time.monotonic() > self.ends_at:
            return None
        self.step = Step(other.action, other.parent)
        return self._run()

    def _came(self) -> list[CodeEntry]:
        """What came of this question already, if it was asked before."""
        asked_at = self.question.asked_at
        blocks = (entry for entry in self.entries if isinstance(entry, Variant | RefusedBlock))
        return [
            entry
            for entry in blocks
            if entry.asked_at == asked_at
            and entry.parent == self.step.parent
            and entry.exchange_ids
            and (entry.direction is None) == (self.step.action == "debug")
        ]

    # -- directions --------------------------------------------------------------------------------

    def _unspent(self) -> Direction | None:
        """The first direction for this step that nobody wrote a block for."""
        spent = {entry.direction for entry in self.entries if isinstance(entry, Variant | RefusedBlock)}
        return next((entry for entry in self._directions() if entry.id not in spent), None)

    def _directions(self) -> list[Direction]:
        directions = (entry for entry in self.entries if isinstance(entry, Direction))
        return [entry for entry in directions if (entry.parent, entry.action) == (self.step.parent, self.step.action)]

    def _ask_directions(self) -> Direction | tuple[str, str | None]:
        """The first of new directions, which are kept with the lessons; else why there is none."""
        prompt = self.question.write.directions(self.entries, self.step, k=self.question.k)
        turn = self._turn(self.asking.request(prompt, seed=self.question.seed), self._read_directions)
        if turn.decoded.verdict in UNREAD and time.monotonic() <= self.ends_at:
            turn = self._turn(asked_again(turn), self._read_directions)
        if turn.decoded.verdict not in ANSWERED or turn.reply is None:
            return turn.decoded.verdict, turn.decoded.why
        ideas = read_ideas(turn.reply, k=self.question.k)
        ids, at = _ids(turn), self.question.asked_at
        known = {_key(entry.idea) for entry in self._directions()}
        numbers = {entry.number for entry in self.entries if isinstance(entry, Variant)}
        new: list[CodeEntry] = [
            Lesson(number, text, ids, at) for number, text in ideas.lessons.items() if number in numbers
        ]
        new += [
            Direction(self.step.parent, self.step.action, idea, ids, at)
            for idea in ideas.ideas
            if _key(idea) not in known
        ]
        self._add(new)
        return self._unspent() or ("duplicate", GONE)

    def _read_directions(self, sent: Sent) -> Decoded:
        text = _text_of(sent)
        if isinstance(text, Decoded):
            return text
        try:
            read_ideas(text, k=self.question.k)
        except BlockRefused as error:
            return Decoded((), (), "unparsable", error.reason)
        return Decoded((), (), "used")

    # -- blocks ------------------------------------------------------------------------------------

    def _ask_block(self, direction: Direction | None) -> tuple[str, str | None]:
        """(verdict, why) of one block and its repair; what came of it is kept, if anything did."""
        write = self.question.write
        if direction is None:
            prompt, idea = write.debug(self.entries, self.step), write.mending(self.step)
        else:
            prompt, idea = write.block(self.entries, self.step, direction), direction.idea
        turns = [
            self._turn(
                self.asking.request(prompt, seed=self.question.seed, max_tokens=self._block_tokens()), self._read_block
            )
        ]
        judged = self._judged(turns[0])
        if isinstance(judged, BlockRefused) and judged.kind in REPAIRABLE and time.monotonic() <= self.ends_at:
            repair = self._turn(repair_of(turns[0], judged), self._read_repair)
            second = self._judged(repair)
            if second is not None:  # else the model failed, and the first refusal is what there is
                turns, judged = [*turns, repair], second
        if judged is None and turns[0].decoded.verdict in UNREAD:  # the model is there: the next idea may do better
            judged = BlockRefused("no-code", turns[0].decoded.why or "the reply has no code")
        if judged is None:
            return turns[-1].decoded.verdict, turns[-1].decoded.why
        checked = self._unless_twin(judged)
        if isinstance(checked, BlockRefused):
            refused = _refused(checked, turns[-1], self.step.parent, idea)
            self._add([self._told(refused, direction, turns)])
            return _verdict(checked.kind), checked.reason
        checked_block, fingerprint = checked
        variant = Variant(
            number=0,  # the store counts
            parent=self.step.parent,
            action=self.step.action,
            idea=idea,
            block=checked_block.block,
            parameters=dict(_parameters(checked_block)),
            defaults=dict(checked_block.defaults),
            shape=checked_block.shape,
            fingerprint=fingerprint,
        )
        self._add([self._told(variant, direction, turns)])
        return ("used" if len(turns) == 1 else "repaired"), None

    def _read_block(self, sent: Sent) -> Decoded:
        text = _text_of(sent)
        if isinstance(text, Decoded):
            return text
        judged = self._judge(text)
        if isinstance(judged, BlockRefused):
            return Decoded((), (), _verdict(judged.kind), judged.reason)
        return Decoded((), (), "used")

    def _read_repair(self, sent: Sent) -> Decoded:
        decoded = self._read_block(sent)
        return replace(decoded, verdict="repaired") if decoded.verdict == "used" else decoded

    def _judged(self, turn: Turn) -> Checked | BlockRefused | None:
        """What a turn's reply is worth; None where there is none to be read."""
        has_text = bool(turn.reply) and turn.decoded.verdict in (*ANSWERED, "unparsable", "illegal", "duplicate")
        return self._judge(turn.reply) if has_text and turn.reply is not None else None

    def _judge(self, text: str) -> Checked | BlockRefused:
        """What a reply is worth by its text alone."""
        try:
            checked = self.checker.check(read_block(text))
        except BlockRefused as error:
            return error
        twin = self._twin(lambda variant: bool(variant.shape) and variant.shape == checked.shape)
        return checked if twin is None else _duplicate(twin, self.step.parent, "written differently at most")

    def _unless_twin(self, judged: Checked | BlockRefused) -> tuple[Checked, str | None] | BlockRefused:
        """The block with its fingerprint, unless a variant has that one too: only then is it known to do the same."""
        if isinstance(judged, BlockRefused):
            return judged
        fingerprint = self.checker.fingerprint(judged.text)
        if fingerprint is None:
            return judged, None
        own = self.checker.own_fingerprint()
        twin = self._twin(lambda variant: fingerprint in (variant.fingerprint, own if variant.number == 0 else None))
        if twin is None:
            return judged, fingerprint
        return _duplicate(twin, self.step.parent, "with the same outputs on a small sample")

    def _twin(self, is_same: Callable[[Variant], bool]) -> Variant | None:
        return next((entry for entry in self.entries if isinstance(entry, Variant) and is_same(entry)), None)

    # -- keeping -----------------------------------------------------------------------------------

    def _block_tokens(self) -> int:
        """What a reply with a block may have: more than usual where the code to change is long."""
        variants = (entry for entry in self.entries if isinstance(entry, Variant))
        block = next((entry.block for entry in variants if entry.number == self.step.parent), "")
        usual = self.asking.sampling.max_tokens
        return max(usual, min(usual + GROWTH * estimate_tokens(block), MOST_BLOCK_TOKENS))

    def _turn(self, request: ExchangeRequest, read: Callable[[Sent], Decoded]) -> Turn:
        """The reply as it is kept, without keys: what is checked is what runs, and what is read again."""
        turn = self.asking.turn(request, None, read, ends_at=self.ends_at)
        self.n_sent += turn.n_sent
        return turn if turn.reply is None else replace(turn, reply=redact(turn.reply))

    def _told(self, entry: Variant | RefusedBlock, direction: Direction | None, turns: Sequence[Turn]) -> CodeEntry:
        """The entry with where it came from."""
        ids = tuple(number for turn in turns for number in _ids(turn))
        return replace(
            entry,
            direction=None if direction is None else direction.id,
            exchange_ids=ids,
            asked_at=self.question.asked_at,
        )

    def _add(self, entries: Sequence[CodeEntry]) -> None:
        self.entries = (*self.entries, *self.keep(entries))


class _Twin(BlockRefused):
    """A block that repeats a variant."""

    def __init__(self, kind: RefusedKind, reason: str, twin: int) -> None:
        super().__init__(kind, reason)
        self.twin = twin


def _duplicate(twin: Variant, parent: int, how: str) -> _Twin:
    kind: RefusedKind = "unchanged" if twin.number == parent else "duplicate"
    reason = (
        f"a block must do something new, but this one is {twin.name} again, {how}; try what {twin.name} does not do"
    )
    return _Twin(kind, reason, twin.number)


def _refused(error: BlockRefused, turn: Turn, parent: int, idea: str) -> RefusedBlock:
    return RefusedBlock(
        parent,
        error.kind,
        error.reason,
        idea,
        _shortened(turn.reply or ""),
        twin=error.twin if isinstance(error, _Twin) else None,
    )


def _parameters(checked: Checked) -> dict[str, Json]:
    return {name: parameter_to_json(parameter) for name, parameter in checked.parameters.items()}


def _text_of(sent: Sent) -> str | Decoded:
    """The text of a whole reply as it is kept, else why there is none; code that was cut is no code."""
    if sent.verdict is not None:
        return Decoded((), (), sent.verdict, sent.why)
    return redact(sent.text or "") or Decoded((), (), "empty", "the reply has no text")


def _verdict(kind: RefusedKind) -> str:
    """Of an exchange whose block was refused."""
    if kind in ("duplicate", "unchanged"):
        return "duplicate"
    return "unparsable" if kind in OF_FORM else "illegal"


def _key(idea: str) -> str:
    """What makes two ideas the same."""
    return " ".join(idea.casefold().split())


def _ids(turn: Turn) -> tuple[int, ...]:
    return () if turn.exchange_id is None else (turn.exchange_id,)


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_KEPT_CHARS else f"{text[:MAX_KEPT_CHARS]}\n..."
