"""Rules for looking at a study and at files, and for steering the study as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePath

from agenttune.agent.offline.amounts import whole_number
from agenttune.agent.offline.assignments import read_config
from agenttune.agent.offline.known import TRIAL, Known
from agenttune.agent.offline.understood import Call
from agenttune.cards.data import BUNDLED
from agenttune.cards.families import CARDS, spellings
from agenttune.errors import ExpressionError, RequestNotUnderstood
from agenttune.expressions import Expression
from agenttune.insight.quoting import quote
from agenttune.plan.reader import any_of
from agenttune.types import Json

Said = Mapping[str, str]
MOST_LISTED = 50
"""As many trials as `show_trials` lists."""
_WHOLE_STUDY = {".json": "json", ".csv": "csv"}
_BEST = ("flags", "python")
_AND = re.compile(r"\s*,\s*(?:and\s+)?|\s+(?:and|with|to|vs\.?|versus|against)\s+", re.IGNORECASE)


def _always(tool: str, **arguments: Json) -> Callable[[Known, Said], Call]:
    return lambda known, said: Call(tool, dict(arguments))


def _of_trial(tool: str) -> Callable[[Known, Said], Call]:
    return lambda known, said: Call(tool, {"number": known.trial(said["trial"])})


def _listing(sort: str) -> Callable[[Known, Said], Call]:
    def rule(known: Known, said: Said) -> Call:
        top = count(said.get("count") or "10", least=1)
        if top > MOST_LISTED:
            raise RequestNotUnderstood(f"at most {MOST_LISTED} trials are listed at once, but you say {top}")
        return Call("show_trials", {"sort": sort, "top": top})

    return rule


def count(text: str, *, least: int = 0) -> int:
    """A whole number.

    Raises:
        RequestNotUnderstood: it is none, or too small.
    """
    number = whole_number(text)
    if number < least:
        raise RequestNotUnderstood(f"{quote(text)} must be at least {least}", fragments=(text,))
    return number


def _where(known: Known, said: Said) -> Call:
    text = said["text"].strip()
    try:
        expression = Expression(text)
    except ExpressionError as error:
        raise RequestNotUnderstood(str(error), fragments=(text,)) from None
    names = {*known.space.parameters, *known.metrics, "number", "elapsed_s"}
    unknown = sorted(expression.names - names)
    if unknown or not expression.is_condition:
        raise RequestNotUnderstood(f"{quote(text)} is no condition over {', '.join(sorted(names))}", fragments=(text,))
    return Call("show_trials", {"where": expression.text})


def _lines_of_log(known: Known, said: Said) -> Call:
    return Call("read_log", {"number": known.trial(said["trial"]), "n_lines": count(said["count"], least=1)})


def _compare(known: Known, said: Said) -> Call:
    pieces = _AND.split(re.sub(r"\b(?:trials|runs)\s+", "", said["text"].strip(), flags=re.IGNORECASE))
    for piece in pieces:
        if not re.fullmatch(TRIAL, piece, re.IGNORECASE):
            raise RequestNotUnderstood(f'{quote(piece)} names no trial: say "compare 3 and 7"', fragments=(piece,))
    numbers: list[Json] = [*dict.fromkeys(known.trial(piece) for piece in pieces)]
    if len(numbers) < 2:
        raise RequestNotUnderstood('two trials or more can be compared: say "compare 3 and 7"')
    return Call("compare_trials", {"numbers": numbers})


def _predict(known: Known, said: Said) -> Call:
    return Call("predict", {"configs": [dict(read_config(known, said["values"]))]})


def _note(known: Known, said: Said) -> Call:
    arguments: dict[str, Json] = {"text": said["text"].strip()}
    if "trial" in said:
        arguments["number"] = known.trial(said["trial"])
    return Call("add_note", arguments)


def _path(said: Said) -> str:
    return said["path"].strip("\"'`")


def _plot(known: Known, said: Said) -> Call:
    path = _path(said)
    if PurePath(path).suffix.lower() != ".png":
        raise RequestNotUnderstood(f"a plot is a PNG: name a file that ends in .png, not {quote(path)}")
    return Call("plot_study", {"path": path})


def _export(known: Known, said: Said) -> Call:
    path = _path(said)
    kind = _WHOLE_STUDY.get(PurePath(path).suffix.lower())
    if kind is None:
        raise RequestNotUnderstood(f'in which form? Say "export the best as flags to {path}", or name a .csv or .json')
    return Call("export_study", {"path": path, "format": kind})


def _export_as(known: Known, said: Said) -> Call:
    return Call("export_study", {"path": _path(said), "format": said["format"].lower()})


def _export_best(known: Known, said: Said) -> Call:
    form, path = said.get("format", "").lower(), _path(said)
    if not form and PurePath(path).suffix == ".py":
        form = "python"
    if form not in _BEST:
        raise RequestNotUnderstood(
            f'the best configuration is written as flags or as python: say "export the best as flags to {path}"'
        )
    return Call("export_study", {"path": path, "format": form})


def _confirm(known: Known, said: Said) -> Call:
    arguments: dict[str, Json] = {}
    if "count" in said:
        arguments["top"] = count(said["count"], least=1)
    if "second" in said:
        arguments["replicates"] = count(said["second"], least=1)
    return Call("confirm_winner", arguments)


def _create(said: Said) -> Call:
    """A new study, once the sentence names something to tune and data; the rest of it is read where it is planned."""
    request = said["request"].strip()
    families = any_of(spelling for card in CARDS.values() for spelling in spellings(card))
    data = any_of(name for key, bundled in BUNDLED.items() for name in (key, *bundled.synonyms))
    has_file = re.search(r"[\w-]\.[a-z]\w*", request, re.IGNORECASE) is not None
    has_family, has_data = (
        re.search(rf"(?<![\w-])(?:{names})(?:['’]?s)?(?![\w-])", request, re.IGNORECASE) for names in (families, data)
    )
    if not has_file and not (has_family and has_data):
        raise RequestNotUnderstood(
            f"{quote(request)} does not say what to tune on which data: say it like "
            '"tune an SVM on digits for accuracy, 30 trials"',
            fragments=(request,),
        )
    return Call("create_study", {"request": request})


def _open(said: Said) -> Call:
    study = (said.get("study") or said["word"]).strip("\"'`")
    if study.lower() in ("it", "this", "that", "study", "file", "folder"):
        raise RequestNotUnderstood('which study? Say "open study" and its name, or "list the studies"')
    return Call("open_study", {"study": study})


def _profile(said: Said) -> Call:
    data = _path(said) if "path" in said else said["word"].lower()
    if "path" not in said and data not in BUNDLED:
        raise RequestNotUnderstood(f"{quote(data)} is no data set; there are {', '.join(BUNDLED)}, or name a file")
    return Call("profile_data", {"data": data})


def _read_file(said: Said) -> Call:
    arguments: dict[str, Json] = {"path": _path(said)}
    if "count" in said:
        first, last = count(said["count"], least=1), count(said["second"], least=1)
        if last < first:
            raise RequestNotUnderstood(f"the last line must not come before the first, but you say {first} to {last}")
        arguments |= {"first_line": first, "n_lines": last - first + 1}
    return Call("read_file", arguments)


RULES: dict[str, Callable[[Known, Said], Call]] = {
    "status": _always("show_study"),
    "pause": _always("pause_study"),
    "go_on": _always("resume_study"),
    "stop": _always("stop_study"),
    "kill": _always("stop_study", kill=True),
    "undo": _always("undo_edit"),
    "lessons": _always("lessons"),
    "failures": _always("failures"),
    "outlook": _always("outlook"),
    "next_ideas": _always("next_ideas"),
    "list_failed": _always("show_trials", state="failed"),
    "list_running": _always("show_trials", state="running"),
    "list_trials": _always("show_trials"),
    "list_all": _always("show_trials", top=MOST_LISTED),
    "first": _listing("number"),
    "best": _listing("best"),
    "worst": _listing("worst"),
    "longest": _listing("longest"),
    "where": _where,
    "show_trial": _of_trial("show_trial"),
    "explain": _of_trial("explain_trial"),
    "log": _of_trial("read_log"),
    "lines_of_log": _lines_of_log,
    "compare": _compare,
    "predict": _predict,
    "note": _note,
    "plot": _plot,
    "export": _export,
    "export_as": _export_as,
    "export_best": _export_best,
    "confirm": _confirm,
}

FREE_RULES: dict[str, Callable[[Said], Call]] = {
    "create": _create,
    "list_studies": lambda said: Call("list_studies"),
    "open_latest": lambda said: Call("open_study"),
    "open": _open,
    "list_files": lambda said: Call("list_files"),
    "read_file": _read_file,
    "profile": _profile,
    "inspect": lambda said: Call("inspect_script", {"path": _path(said)}),
}
