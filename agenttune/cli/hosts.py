"""The processes that hold models of this machine, as `agenttune models` tells and ends them."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from agenttune.cli.console import emit, is_live, put_labelled, say
from agenttune.cli.format import seconds, size
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.types import Json

NONE_RUNS = "no model runs on this machine; the first request to one starts it"


def hosts() -> list[dict[str, Json]]:
    """What is known of each process, as JSON."""
    from agenttune.models.local.address import living_hosts
    from agenttune.models.local.client import ask_status

    silent = {"state": "silent", "progress": "it does not answer", "model": None, "requests": None, "idle_s": None}
    return [
        {"spec": f"hf:{address.place}", "pid": address.pid, **(ask_status(address) or silent), "log": str(files.log)}
        for files, address in living_hosts()
    ]


def put_hosts(entries: list[dict[str, Json]]) -> None:
    """One line for each process."""
    for entry in entries:
        put_labelled("process", f"{clean(str(entry['spec']))} · {_stands(entry)} · process {entry['pid']}")


def stop(spec: str | None, *, as_json: bool) -> None:
    """Ends the processes of one model, or all.

    Raises:
        UserError: the spelling names no model of this machine.
    """
    from agenttune.models.local.client import stop_hosts
    from agenttune.models.local.spelling import place_of

    ended = stop_hosts(None if spec is None else place_of(spec))
    if as_json:
        emit({"stopped": [{"spec": f"hf:{address.place}", "pid": address.pid} for address in ended]})
    elif not ended:
        put_labelled("stopped", NONE_RUNS if spec is None else f"none: {clean(spec)} does not run")
    for address in [] if as_json else ended:
        put_labelled("stopped", f"hf:{clean(address.place)} · process {address.pid}")


@contextlib.contextmanager
def telling_progress() -> Iterator[None]:
    """Tells on a terminal how loading goes on."""
    logger, handler = logging.getLogger("agenttune.models.local"), _Saying()
    if not is_live():
        yield
        return
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


class _Saying(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Tells what is logged."""
        say(clean(record.getMessage()))


def _stands(entry: dict[str, Any]) -> str:
    if entry["state"] != "ready":
        return f"{entry['state']}: {clean(str(entry['progress']))}"
    model = entry["model"]
    told = [str(model[name]) for name in ("device", "dtype") if model.get(name)]
    told += [size(model["memory_bytes"])] if model.get("memory_bytes") else []
    told.append(f"{entry['requests']} under way" if entry["idle_s"] is None else f"idle for {seconds(entry['idle_s'])}")
    return " · ".join(told)
