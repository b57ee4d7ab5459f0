"""Models behind OpenAI's chat completions: OpenAI itself, and every server that speaks the same protocol.

What is sent is the subset that all servers take: role system, `stream` said out loud, one of the two spellings of the
token limit. All else (schema, temperature, seed, tools, several replies, token probabilities) is left out once a
server refused it; the last two also once it answered as if they had not been asked for. Replies are taken apart in
reading.py, errors in refusals.py; what was learned is kept in memory.py.
One call is one HTTP request: no retries, no redirects. It ends by its deadline, also when bytes trickle in.
"""

from __future__ import annotations

import json
import os
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

import openai

from agenttune.errors import CapabilityMissing, ModelError
from agenttune.models import Capabilities, Message, Reply, Sampling, SchemaRung, Schemas
from agenttune.models.address import Address, parse_address
from agenttune.models.deadline import before_deadline
from agenttune.models.keys import OPENAI_HOST, Key, find_key, ways_to_give_a_key
from agenttune.models.logprobs import TOP, tells_logprobs
from agenttune.models.memory import RUNGS, Learned, learn, recall
from agenttune.models.reading import Gathered, brief, choices_of, read_reply
from agenttune.models.refusals import LIMITS, error_of, error_within, refused_part
from agenttune.models.response_format import response_format
from agenttune.redaction import redact_json
from agenttune.settings import load_settings
from agenttune.types import Json

T = TypeVar("T")


class _TooLong(ValueError):
    """An answer without end."""


NO_KEY = "none"
"""Sent where no key is known: the SDK wants one, servers of one's own do not care."""
KEPT_HEADERS = frozenset(
    ("host", "accept", "accept-encoding", "connection", "content-type", "content-length", "x-stainless-raw-response")
)
"""What a server other than OpenAI's is sent, with the authorization: the SDK adds headers from OPENAI_ variables.
The last one the SDK looks at itself when the response is there."""
ROUTER = "openrouter.ai"
ROUTED: dict[str, Json] = {"provider": {"require_parameters": True}, "usage": {"include": True}}
"""For OpenRouter: only providers that know every parameter, and the cost with the usage."""
NOT_CONNECTED = ("ConnectError", "ConnectTimeout", "ProxyError")
"""Errors of the HTTP client before anything went out; any other may come after the model began to work."""
MOST_BYTES = 16_000_000
"""Longest answer that is read, decompressed: tens of times what a reply and the thinking before it take."""
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
NOTHING_SENT = {"prompt": 0, "completion": 0}
LOGPROBS = {"logprobs", "top_logprobs"}
"""One without the other is of no use."""
NEVER_LEFT_OUT = frozenset({"model", "messages"})


class OpenAIModel:
    """Implements `agenttune.models.Model`; may be used from several threads at once."""

    def __init__(self, address: Address, *, key: Key | None = None, asks_logprobs: bool = False) -> None:
        """
        Args:
            address: of the server, with the model's name.
            key: which it wants.
            asks_logprobs: whether it is asked for token probabilities where a distribution is wanted.
        """
        self._address = address
        self._key = key
        self._asks_logprobs = asks_logprobs
        self._lock = threading.Lock()
        self._learned = recall(address.server) or Learned()
        self._seen: set[str] = set()
        """Of "tools", "streaming" and "logprobs", what has worked."""

    @classmethod
    def from_spec(cls, spec: str) -> OpenAIModel:
        """The model of that spelling, with the key of its host.

        Raises:
            UserError: the spelling is none, or the settings hold a mistake.
            ModelError: it needs a key and there is none, or one that cannot be one.
        """
        address = parse_address(spec)
        key = find_key(address.host, is_local=address.is_local)
        if key is None and address.host == OPENAI_HOST:
            raise ModelError(
                f"{spec} needs a key of OpenAI's and there is none: {ways_to_give_a_key(OPENAI_HOST)}",
                verdict="unauthorised",
            )
        if key is not None and (not key.secret.isascii() or not key.secret.isprintable() or " " in key.secret):
            raise ModelError(
                f"the key in {key.source} holds a blank or a character that no key has; set it again",
                verdict="unauthorised",
            )
        return cls(address, key=key, asks_logprobs=load_settings().logprobs)

    def __repr__(self) -> str:
        return f"OpenAIModel({self.spec!r})"

    @property
    def spec(self) -> str:
        """The spelling it was made from."""
        return self._address.spec

    @property
    def is_local(self) -> bool:
        """Whether its host is this machine or one of a private network."""
        return self._address.is_local

    @property
    def capabilities(self) -> Capabilities:
        """What is known so far, of earlier studies too."""
        learned = self._learned
        return Capabilities(
            learned.rung,
            learned.without,
            tools=self._works("tools", "tools"),
            streaming=self._works("streaming", "stream"),
            logprobs=False if "top_logprobs" in learned.without else self._works("logprobs", "logprobs"),
        )

    def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: Schemas | None = None,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
    ) -> Reply:
        """Sends one request; see `agenttune.models.Model`."""
        sampling = Sampling() if sampling is None else sampling
        rung: SchemaRung = "text" if schema is None else self._learned.rung
        request = self._request(messages, schema, rung, tools, sampling, stream=False)
        started = time.monotonic()

        def send(client: openai.OpenAI) -> Iterator[str]:
            create = cast(Any, client.chat.completions.with_raw_response.create)
            yield create(**_arguments(request)).text

        (text,) = self._sent(send, request, rung, sampling)
        body = _parsed(text)
        self._raise_error_within(body, request, rung)
        measured = schema.measured if schema is not None and "logprobs" in request else ()
        latency_s = time.monotonic() - started
        reply = read_reply(body, rung=rung, latency_s=latency_s, n=sampling.n, measured=measured)
        if reply.tool_calls:
            self._seen.add("tools")
        self._see_what_was_ignored(choices_of(body), request, rung)
        return reply

    def _see_what_was_ignored(
        self, choices: Sequence[Mapping[str, Any]], request: Mapping[str, Any], rung: SchemaRung
    ) -> None:
        """Remembers what the server neither refused nor did."""
        if "n" in request and len(choices) == 1:
            self._learn("n", rung)
        if "logprobs" not in request:
            return
        if any(map(tells_logprobs, choices)):
            self._seen.add("logprobs")
        else:
            self._learn("logprobs", rung)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
    ) -> Iterator[str | Reply]:
        """Sends one request and yields text as it comes, or at once from a server that does not stream."""
        sampling = Sampling() if sampling is None else sampling
        if "stream" in self._learned.without:
            reply = self.complete(messages, tools=tools, sampling=sampling)
            yield reply.text
            yield reply
            return
        request = self._request(messages, None, "text", tools, sampling, stream=True)
        started = time.monotonic()

        def send(client: openai.OpenAI) -> Iterator[dict[str, Any]]:
            for event in cast(Any, client.chat.completions.create)(**_arguments(request)):
                yield event.to_dict(warnings=False)

        gathered = Gathered()
        for event in self._sent(send, request, "text", sampling):
            self._raise_error_within(event, request, "text")
            if piece := gathered.add(event):
                yield piece
        reply = read_reply(gathered.body(), rung="text", latency_s=time.monotonic() - started)
        self._seen |= {"streaming", *(["tools"] if reply.tool_calls else [])}
        yield reply

    def _works(self, name: str, parameter: str) -> bool | None:
        if parameter in self._learned.without:
            return False
        return True if name in self._seen else None

    def _request(
        self,
        messages: Sequence[Message],
        schema: Schemas | None,
        rung: SchemaRung,
        tools: Sequence[Mapping[str, Json]],
        sampling: Sampling,
        *,
        stream: bool,
    ) -> dict[str, Any]:
        """The JSON that is sent, without what this server refused."""
        is_measured = self._asks_logprobs and schema is not None and bool(schema.measured)
        request: dict[str, Any] = {
            "model": self._address.name,
            "messages": [redact_json(dict(message)) for message in messages],
            "stream": stream,
            self._limit(): sampling.max_tokens,
            "temperature": sampling.temperature,
            "seed": sampling.seed,
            "response_format": None if schema is None else response_format(schema, rung),
            "tools": [dict(tool) for tool in tools] or None,
            "tool_choice": _tool_choice(sampling) if tools else None,
            "stream_options": {"include_usage": True} if stream else None,
            "n": sampling.n if sampling.n > 1 and not stream else None,
            "logprobs": True if is_measured else None,
            "top_logprobs": TOP if is_measured else None,
        }
        if self._address.host == ROUTER:
            request |= ROUTED
        left_out = set(self._learned.without) - {"stream", *LIMITS}
        left_out |= LOGPROBS if left_out & LOGPROBS else set()
        return {name: value for name, value in request.items() if value is not None and name not in left_out}

    def _limit(self) -> str:
        """How this server spells the most tokens of a reply; servers that ignore a spelling run on without end."""
        usual = LIMITS if self._address.host == OPENAI_HOST else LIMITS[::-1]
        return next((name for name in usual if name not in self._learned.without), usual[0])

    def _sent(
        self,
        send: Callable[[openai.OpenAI], Iterator[T]],
        request: Mapping[str, Any],
        rung: SchemaRung,
        sampling: Sampling,
    ) -> Iterator[T]:
        """Yields what `send` gets before the deadline; errors of the SDK become ours, and leave no trace of theirs."""
        client = self._client(sampling.timeout_s)
        try:
            yield from before_deadline(lambda: send(client), sampling.timeout_s, give_up=client.close)
            return
        except (TimeoutError, openai.APITimeoutError):
            sentence = f"{self._address.host} did not answer within {sampling.timeout_s:g} s"
            failure = ModelError(sentence, verdict="timeout")
        except openai.APIStatusError as error:
            body, headers = error.body or error.response.text, dict(error.response.headers)
            failure = self._failure(error.status_code, body, headers, request, rung)
        except openai.APIConnectionError as error:
            failure = self._not_reached(error.__cause__ or error)
        except openai.APIError as error:  # within a stream
            failure = self._failure(500, error.body or error.message, {}, request, rung)
        except (openai.OpenAIError, ValueError, RecursionError) as error:
            failure = self._unreadable(error)
        raise failure  # out here, so that the SDK's error, which holds the request, is not its context

    def _not_reached(self, cause: BaseException) -> ModelError:
        if isinstance(cause, _TooLong):
            return self._unreadable(cause)
        usage = NOTHING_SENT if type(cause).__name__ in NOT_CONNECTED else None
        way = "; to trust a certificate of your own, set SSL_CERT_FILE to it" if UNTRUSTED in str(cause) else ""
        sentence = f"{self._address.base_url} cannot be reached: {brief(cause)}{way}"
        return ModelError(sentence, verdict="unreachable", usage=usage)

    def _unreadable(self, error: Exception) -> ModelError:
        return ModelError(f"{self._address.host} sent what cannot be read: {brief(error)}")

    def _client(self, timeout_s: float) -> openai.OpenAI:
        """A client for one request: closing it at the deadline breaks off that request and no other.

        Raises:
            ModelError: a proxy or certificates that the environment names cannot be used.
        """
        address = self._address
        try:
            http = openai.DefaultHttpxClient(
                timeout=timeout_s,
                follow_redirects=False,
                trust_env=not address.is_local,  # a proxy of the environment does not know the way to this machine
                verify=_roots(address),
                event_hooks={"request": [] if address.host == OPENAI_HOST else [self._strip], "response": [_bound]},
            )
        except Exception as error:  # noqa: BLE001  # the client's, ssl's and that of a missing package are of no one tree
            raise _wrong_environment(error) from None
        secret = NO_KEY if self._key is None else self._key.secret
        return openai.OpenAI(api_key=secret, base_url=address.base_url, max_retries=0, http_client=http)

    def _strip(self, request: Any) -> None:
        """Takes out of an HTTP request what is meant for OpenAI alone."""
        for name in [name for name in request.headers if name.lower() not in KEPT_HEADERS]:
            del request.headers[name]
        secret = NO_KEY if self._key is None else self._key.secret
        request.headers["Authorization"] = f"Bearer {secret}"
        request.headers["User-Agent"] = "agenttune"

    def _raise_error_within(self, body: Any, request: Mapping[str, Any], rung: SchemaRung) -> None:
        failure = error_within(body, self._address)
        if failure is not None:
            raise self._learned_from(400, body, request, rung) or failure

    def _failure(
        self, status: int, body: Any, headers: Mapping[str, str], request: Mapping[str, Any], rung: SchemaRung
    ) -> ModelError:
        return self._learned_from(status, body, request, rung) or error_of(status, body, headers, self._address)

    def _learned_from(
        self, status: int, body: Any, request: Mapping[str, Any], rung: SchemaRung
    ) -> CapabilityMissing | None:
        """Remembers which part of the request was refused, if that is what the error is about."""
        part = refused_part(status, body, request.keys() - NEVER_LEFT_OUT)
        if part is None or (part in LIMITS and set(LIMITS) - {part} <= set(self._learned.without)):
            return None  # a request without any limit could cost anything
        told = f"replies held to a schema ({rung})" if part == "response_format" else f"`{part}`"
        self._learn(part, rung)
        return CapabilityMissing(f"{self._address.host} refuses {told}; left out from now on", verdict="unsupported")

    def _learn(self, part: str, rung: SchemaRung) -> None:
        below = RUNGS[min(RUNGS.index(rung) + 1, len(RUNGS) - 1)]
        is_schema = part == "response_format"
        lesson = Learned(below if is_schema else "ranges", () if is_schema else (part,), time.time())
        with self._lock:
            self._learned = self._learned.merged(lesson)
        learn(self._address.server, lesson)


def _roots(address: Address) -> bool | ssl.SSLContext:
    """What verifies a server: nothing without TLS, the environment's certificates for a local one too, else the usual.

    The HTTP client heeds the certificates only along with the proxies, and loads roots slowly whether it needs any.
    """
    if not address.base_url.startswith("https:"):
        return False
    file, folder = (os.environ.get(name) or None for name in CERTIFICATES)
    return ssl.create_default_context(cafile=file, capath=folder) if address.is_local and (file or folder) else True


def _wrong_environment(error: Exception) -> ModelError:
    what, variables = ("certificates", CERTIFICATES) if isinstance(error, OSError) else ("proxy", PROXIES)
    names = [name for name in variables if os.environ.get(name) or os.environ.get(name.lower())]
    sentence = f"the environment's {what} cannot be used ({brief(error)}); see to {', '.join(names)}"
    return ModelError(sentence, verdict="unreachable", usage=NOTHING_SENT)


def _bound(response: Any) -> None:
    """Has an answer end in an error beyond `MOST_BYTES`: memory would end before a deadline does."""
    pieces = response.iter_bytes

    def bounded(*arguments: Any, **keywords: Any) -> Iterator[bytes]:
        n_bytes = 0
        for piece in pieces(*arguments, **keywords):
            n_bytes += len(piece)
            if n_bytes > MOST_BYTES:
                raise _TooLong(f"more than {MOST_BYTES // 1_000_000} MB, which no reply is; is the address right?")
            yield piece

    response.iter_bytes = bounded


def _tool_choice(sampling: Sampling) -> Json:
    name = sampling.tool_choice
    if name in (None, "auto", "none", "required"):
        return name
    return {"type": "function", "function": {"name": name}}


def _arguments(request: Mapping[str, Any]) -> dict[str, Any]:
    """The request as arguments of the SDK: what is not OpenAI's goes beside."""
    extra = {name: value for name, value in request.items() if name in ROUTED}
    return {name: value for name, value in request.items() if name not in ROUTED} | {"extra_body": extra or None}


def _parsed(text: str) -> Any:
    if text.lstrip().startswith("<"):
        raise ModelError("the server answered with a web page; is the address right? it mostly ends in /v1")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        start = brief(text)[:80]
    raise ModelError(f"the server's answer is no JSON: {start!r}" if start else "the server's answer is empty")
