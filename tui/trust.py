"""The words of the trust panel: who found what, what the gate believed, what it cost, what more trials promise.

Only wording: what is told is counted in `agenttune.insight.trust`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from rich.cells import cell_len
from textual.content import Content

from agenttune.trial import MODEL, SOURCE_WORDS
from agenttune.tui.styles import BAD, FAINT, GOOD, MUTED, STRONG
from agenttune.tui.text import duration, fit, hanging, number, plural, shorten
from agenttune.visible import clean

if TYPE_CHECKING:  # what a trust is made of was loaded by whoever read it
    from agenttune.insight.answers.outlook import Outlook
    from agenttune.insight.trust import ArmRecord, Forecasts, GateRecord, Trust

Row: TypeAlias = tuple[str, str]
"""(label, text)."""
Cell: TypeAlias = tuple[str, str]
"""(text, style)."""

LABEL_CELLS = 11
ARM_CELLS = 12
MOST_TESTED = 8
"""Predictions in a table, the latest; the sentence below counts all."""
UNKNOWN = "unknown"
NO_MODEL = "no language model has proposed here"
VERDICT_WORDS = {
    "go on": "worth going on",
    "little to gain": "little to gain by going on",
    "not worth it": "not worth going on",
    "target reached": "the target is reached",
    "too early to tell": "too early to tell: too few trials are complete, or they do not differ",
}


def trust_content(trust: Trust, width: int) -> Content:
    """All of it in rows of at most `width` cells."""
    sections = [
        ("who found what", _arms_rows(trust, width)),
        ("the model at the gate", _gate_rows(trust, width)),
        ("predicted and measured", _forecast_rows(trust, width)),
        ("cost so far", _labelled(_cost_rows(trust), width)),
        (f"the next {plural(trust.outlook.n, 'trial')}", _labelled(_outlook_rows(trust.outlook), width)),
    ]
    lines: list[Content] = []
    for title, rows in sections:
        if found := list(rows):
            lines += [*([Content("")] if lines else []), Content.styled(title, STRONG), *found]
    return Content("\n").join(lines)


# -- arms ---------------------------------------------------------------------------------------------


def _arms_rows(trust: Trust, width: int) -> Iterator[Content]:
    if not trust.arms:
        yield from _plain("nothing has been proposed yet", width)
        return
    has_stopped = any(arm.n_stopped for arm in trust.arms)
    heads = ["arm", "run", "done", *(["stopped"] if has_stopped else []), "failed", "best", "new best", "regret"]
    heads += ["took", "a minute"]
    best = trust.outlook.best
    yield from table(heads, [_arm_cells(arm, best, has_stopped=has_stopped) for arm in trust.arms], width)
    what = clean(trust.metric)
    yield from _plain(
        f"best and regret are {what}; new best: how often it led; regret: median distance of its trials from the best; "
        "a minute: what its trials improved on the best before them, for each minute they took",
        width,
    )
    if trust.refused:
        kinds = ", ".join(f"{count} {clean(kind)}" for kind, count in trust.refused.items())
        yield from _plain(f"refused before they ran, not the model's: {kinds}", width)


def _arm_cells(arm: ArmRecord, best: float | None, *, has_stopped: bool) -> list[Cell]:
    is_best = best is not None and arm.best == best
    return [
        (shorten(clean(arm.arm), ARM_CELLS), MUTED),
        (str(arm.n_trials), ""),
        (str(arm.n_complete), ""),
        *([(str(arm.n_stopped), "")] if has_stopped else []),
        (str(arm.n_failed), BAD if arm.n_failed else ""),
        (_known(arm.best), "bold $accent" if is_best else ""),
        (str(arm.n_improved), GOOD if arm.n_improved else ""),
        (_known(arm.regret), ""),
        (duration(arm.seconds), ""),
        (_known(arm.gained_a_minute), ""),
    ]


# -- gate ---------------------------------------------------------------------------------------------


def _gate_rows(trust: Trust, width: int) -> Iterator[Content]:
    n_requests = trust.costs.spent.requests
    has_run = any(arm.arm == MODEL for arm in trust.arms)
    if not has_run and not trust.offers.n_offered:
        asked = f"a language model was asked {_times(n_requests)} and offered nothing that could be read"
        yield from _plain(asked if n_requests else NO_MODEL, width)
        return
    from agenttune.replies.offers import spell_offers

    rows = [("offered", spell_offers(trust.offers))] if trust.offers.n_offered else []
    if trust.gate is None:
        rows.append(("gate", "no gate judged its candidates"))
    else:
        rows += _verdict_rows(trust.gate)
    if trust.slack is not None and trust.gate is not None:
        words = f"{trust.slack:.1f} nats earned: a candidate may promise that much less than the surrogate's best point"
        rows.append(("slack", words))
    yield from _labelled(rows, width)


def _verdict_rows(gate: GateRecord) -> list[Row]:
    rows = [
        ("believed", gate.n_believed, "its candidate ran, as good as the surrogate's best point or near enough"),
        ("refused", gate.n_rejected, "the surrogate's own point ran instead"),
        ("far off", gate.n_cut, "no candidate came near the surrogate's point"),
        ("vetoed", gate.n_vetoed, "its candidates were too likely to fail"),
        ("exception", gate.n_excepted, "a candidate ran though refused, as one trial in ten does"),
        ("in between", gate.n_floor, "the surrogate's own point ran, as one trial in six does whatever was earned"),
        ("others", gate.n_other, "TPE's point or a small step ran, where the surrogate promised more than it kept"),
        ("in turn", gate.n_start, "its candidate ran at the start, judged by nobody"),
        ("none", gate.n_without, "there was no candidate to judge"),
    ]
    return [(label, f"{_times(n)}: {words}") for label, n, words in rows if n or label in ("believed", "refused")]


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n} times"


# -- predictions --------------------------------------------------------------------------------------


def _forecast_rows(trust: Trust, width: int) -> Iterator[Content]:
    """Nothing where no prediction of the model's points is kept."""
    if trust.by_surrogate is not None:
        yield from _plain("the model's points, predicted by the gate's surrogate", width)
        yield from _tested(trust.by_surrogate, width)
    for source, forecasts in trust.by_model.items():
        yield from _plain(f"the model's own numbers, {SOURCE_WORDS[source]}", width)
        yield from _labelled([("", _accuracy_words(forecasts))], width, label_cells=0)


def _tested(forecasts: Forecasts, width: int) -> Iterator[Content]:
    rows: list[list[Cell]] = []
    for entry in forecasts.tested[-MOST_TESTED:]:
        inside = ("yes", GOOD) if entry.is_inside else (UNKNOWN, MUTED) if entry.is_inside is None else ("no", BAD)
        spread = "" if entry.sd is None else f"±{entry.sd:.2g}"
        rows.append([(str(entry.number), MUTED), (number(entry.mean), ""), (spread, MUTED)])
        rows[-1] += [(number(entry.measured), ""), inside]
    yield from table(["trial", "predicted", "sd", "measured", "in 80%"], rows, width)
    yield from _labelled([("", _accuracy_words(forecasts))], width, label_cells=0)


def _accuracy_words(forecasts: Forecasts) -> str:
    lean = "higher" if forecasts.bias > 0 else "lower"
    words = f"{number(forecasts.error)} off at the median of {len(forecasts.tested)}"
    if forecasts.bias:
        words += f"; measured {number(abs(forecasts.bias))} {lean} than predicted"
    if forecasts.n_intervals:
        words += f"; {forecasts.n_inside} of {forecasts.n_intervals} within the 80% interval"
    if forecasts.crps is not None:
        words += f"; score (CRPS, the lower the better) {number(forecasts.crps)}"
    return words


# -- cost and outlook ---------------------------------------------------------------------------------


def _cost_rows(trust: Trust) -> Iterator[Row]:
    from agenttune.replies.costs import spell_dollars, spell_spending

    costs = trust.costs
    reused = f", {costs.n_reused} answered by another study's reply" if costs.n_reused else ""
    yield "requests", f"{costs.spent.requests:,}{reused}"
    untold = f" ({plural(costs.n_untold, 'request')} did not tell)" if costs.n_untold else ""
    yield "tokens", f"{UNKNOWN if costs.spent.tokens is None else format(costs.spent.tokens, ',')}{untold}"
    yield "dollars", UNKNOWN if costs.spent.dollars is None else spell_dollars(costs.spent.dollars)
    if costs.unsettled.requests:
        yield "at worst", f"{spell_spending(costs.unsettled)} of it: not settled yet"
    yield "time", f"{duration(trust.active_s)} at work"


def _outlook_rows(outlook: Outlook) -> Iterator[Row]:
    from agenttune.replies.costs import spell_dollars

    yield "verdict", VERDICT_WORDS[outlook.verdict]
    if (gain := outlook.gain) is not None:
        share = "" if outlook.share is None else f", {outlook.share:.0%} of its lead over the median trial"
        yield "gain", f"{number(gain.next_n)} over the best by the surrogate{share}"
        yield "chance", f"{gain.p_better:.0%} that the next one is better"
        yield "at most", f"{number(gain.at_most)}, if the best of {gain.n_points} points were found"
    seconds, trial_s, dollars = outlook.cost.seconds, outlook.cost.trial_s, outlook.cost.dollars
    if seconds is None or trial_s is None:
        yield "time", UNKNOWN
    else:
        yield "time", f"{duration(seconds)} with {outlook.workers} at a time, {duration(trial_s)} each"
    yield "dollars", f"{UNKNOWN if dollars is None else spell_dollars(dollars)} for models"
    left = []
    if outlook.trials_left is not None:
        left.append(plural(outlook.trials_left, "trial"))
    if outlook.seconds_left is not None:
        left.append(duration(outlook.seconds_left))
    if outlook.dollars_left is not None:
        left.append(spell_dollars(outlook.dollars_left))
    yield "left", ", ".join(left) or "no bound is known"


# -- rows ---------------------------------------------------------------------------------------------


def table(heads: Sequence[str], rows: Sequence[Sequence[Cell]], width: int) -> list[Content]:
    """Aligned columns; those that do not fit follow in a table below, with the first column again."""
    cells = [max(cell_len(head), *(cell_len(row[at][0]) for row in rows)) for at, head in enumerate(heads)]
    gap = 2 if sum(cells) + 2 * (len(cells) - 1) <= width else 1
    lines: list[Content] = []
    start = 1
    while start < len(heads):
        end, used = start, cells[0]
        while end < len(heads) and (end == start or used + gap + cells[end] <= width):
            used += gap + cells[end]
            end += 1
        columns = [0, *range(start, end)]
        for row in ([(head, FAINT) for head in heads], *rows):
            parts = [
                (f"{' ' * gap if at else ''}{fit(row[at][0], cells[at], right=at > 0)}", row[at][1]) for at in columns
            ]
            lines.append(Content.assemble(*parts))
        start = end
    return lines


def _labelled(rows: Iterator[Row] | Sequence[Row], width: int, *, label_cells: int = LABEL_CELLS) -> Iterator[Content]:
    for row in rows:
        for label, text in hanging(*row, label_cells=label_cells, width=width):
            yield Content.assemble((label, FAINT), text)


def _plain(text: str, width: int) -> Iterator[Content]:
    for _, row in hanging("", text, label_cells=0, width=width):
        yield Content.styled(row, MUTED)


def _known(value: float | None) -> str:
    return "none" if value is None else number(value)
