"""`Engine`: one language model in this process, asked for replies and for how probable texts are.

Not for many at once: whoever holds it (host.py) lets requests in one at a time. What shares it is the prompt: its
cache is kept between requests, and read once for however many replies are drawn.
"""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from llguidance import LLMatcher
from transformers import PreTrainedTokenizerFast
from transformers.cache_utils import DynamicCache

from agenttune.errors import ModelError
from agenttune.models import Message, NumberSaid, Reply, Sample, Sampling, Schemas, Score
from agenttune.models.local import loading
from agenttune.models.local.chat import prompt_ids
from agenttune.models.local.decoding import Draw, Row, draw_rows
from agenttune.models.local.info import EngineInfo
from agenttune.models.local.masks import Vocabulary
from agenttune.models.local.numbers import numbers_said
from agenttune.models.local.prefix import Cancelled, Prefix, forked, is_plain, packed_logits, row_of
from agenttune.models.spoken_tools import read_call, tool_schema, with_tools
from agenttune.types import Json

TEMPERATURE = 0.7
"""Where neither the request nor the model's own settings name one."""
PACKED = 256
"""Tokens of candidates that are scored in one pass: their logits over the whole vocabulary are held at once."""


def _nobody(_: str) -> None: ...


def _never() -> bool:
    return False


class Engine:
    """A model and its tokenizer.

    Attributes:
        info: what the model is.
        vocabulary: its tokens as masks see them; None for a tokenizer that masks cannot be made for.
    """

    def __init__(self, loaded: loading.Loaded) -> None:
        self.info: EngineInfo = loaded.info
        self._model = loaded.model
        self._tokenizer = loaded.tokenizer
        self._prefix = Prefix(loaded.model)
        self._end_ids = _end_ids(loaded.model, loaded.tokenizer)
        n_logits = int(loaded.model.get_output_embeddings().weight.shape[0])
        is_fast = isinstance(loaded.tokenizer, PreTrainedTokenizerFast)
        self.vocabulary = Vocabulary(loaded.tokenizer, n_logits, sorted(self._end_ids)) if is_fast else None

    @classmethod
    def load(
        cls, place: str, *, device: str = "auto", dtype: str = "auto", say: Callable[[str], None] = _nobody
    ) -> Engine:
        """The model at that place; see `loading.load`.

        Raises:
            ModelError: it cannot be loaded.
        """
        return cls(loading.load(place, device=device, dtype=dtype, say=say))

    def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: Schemas | None = None,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
        on_text: Callable[[str], None] = _nobody,
        is_cancelled: Callable[[], bool] = _never,
    ) -> Reply:
        """Draws `sampling.n` replies; those that were cut come last, as far as they go.

        Args:
            messages: the conversation.
            schema: what the replies are held to.
            tools: which it may call, instead of a schema.
            sampling: how they are drawn.
            on_text: hears the first one as it grows.
            is_cancelled: whether nobody waits any more.

        Raises:
            ModelError: the prompt is too long, memory ran out, the reply was cut, or nobody waits.
        """
        sampling = Sampling() if sampling is None else sampling
        started = time.monotonic()
        if tools and schema is None and sampling.tool_choice != "none" and self.vocabulary is not None:
            held = tool_schema(tools, sampling.tool_choice)
            told = with_tools(messages, tools)
            reply = read_call(self.complete(told, schema=held, sampling=sampling, is_cancelled=is_cancelled))
            on_text(reply.text)
            return reply
        try:
            return self._complete(messages, schema, sampling, on_text, is_cancelled, started)
        except Cancelled:
            raise ModelError("nobody waited for the reply any more", verdict="timeout") from None
        except (MemoryError, torch.OutOfMemoryError):
            what = f"a request of {sampling.n} replies beside {self.info.name}"
        self._prefix.clear()  # out here: the traceback held what took the memory
        if self._model.device.type == "cuda":
            torch.cuda.empty_cache()
        raise loading.too_little_memory(what, self._model.device)

    def score(self, messages: Sequence[Message], candidates: Sequence[str]) -> list[Score]:
        """How probable each candidate is as the reply; the prompt is read once for all.

        Raises:
            ModelError: prompt and candidate are too long together.
        """
        ids = self._prompt(messages)
        texts = [self._tokenizer.encode(text, add_special_tokens=False) for text in candidates]
        self._room(ids, wanted=max(map(len, texts), default=0))
        cache, _ = self._prefix.prefilled(ids, _never)
        branches = [[ids[-1], *text] for text in texts]
        scores: list[Score] = []
        for group in _groups(branches, PACKED if is_plain(cache) else 1):
            for branch, logits in zip(group, self._logits(cache, group), strict=True):
                chances = logits[:-1].log_softmax(dim=-1)
                found = chances.gather(1, torch.tensor(branch[1:], device=chances.device)[:, None])
                scores.append(Score(float(found.sum()), len(branch) - 1))
        return scores

    # -- one request -------------------------------------------------------------------------------

    def _complete(
        self,
        messages: Sequence[Message],
        schema: Schemas | None,
        sampling: Sampling,
        on_text: Callable[[str], None],
        is_cancelled: Callable[[], bool],
        started: float,
    ) -> Reply:
        ids = self._prompt(messages)
        draw = self._draw(sampling, self._room(ids, wanted=1))
        matchers = self._matchers(schema, sampling.n)
        cache, n_cached = self._prefix.prefilled(ids, is_cancelled)
        n_prompt = cache.get_seq_length()
        numbers: dict[int, tuple[NumberSaid, ...]] = {}
        written = _Written(self.vocabulary, on_text)

        def measure(number: int, row: Row, batch: DynamicCache, place: int) -> None:
            if row.matcher is None or schema is None or self.vocabulary is None or not is_plain(batch):
                return
            numbers[number] = numbers_said(
                self._model,
                self.vocabulary,
                row_of(batch, place, self._model.device),
                row.matcher,
                row.tokens,
                last_id=ids[-1],
                n_prompt=n_prompt,
                fields=schema.measured,
            )

        rows = draw_rows(
            self._model,
            cache,
            ids[-1],
            matchers,
            self.vocabulary,
            draw,
            on_token=written.add,
            on_end=measure if schema is not None and schema.measured else lambda *_: None,
            is_cancelled=is_cancelled,
        )
        usage = {"prompt": len(ids), "cached": n_cached, "completion": sum(len(row.tokens) for row in rows)}
        order = sorted(range(len(rows)), key=lambda number: rows[number].finish != "stop")
        samples = [Sample(self._text(rows[number].tokens), numbers.get(number, ())) for number in order]
        if rows[order[0]].finish != "stop":
            bound = "the model's context" if draw.max_tokens < sampling.max_tokens else "max_tokens_per_reply"
            raise ModelError(
                f"the reply was cut at {draw.max_tokens} tokens, which {bound} allows",
                verdict="cut",
                usage=usage,
                text=samples[0].text,
            )
        return Reply(
            samples[0].text,
            usage=usage,
            latency_s=time.monotonic() - started,
            revision=self.info.revision,
            rung="text" if schema is None or self.vocabulary is None else "ranges",
            numbers=samples[0].numbers,
            others=tuple(samples[1:]),
        )

    def _prompt(self, messages: Sequence[Message]) -> list[int]:
        ids = prompt_ids(self._tokenizer, messages)
        return ids or [self._tokenizer.bos_token_id or 0]

    def _room(self, ids: Sequence[int], *, wanted: int) -> int | None:
        """Tokens that are left for a reply; None is no bound.

        Raises:
            ModelError: there are fewer than wanted.
        """
        context = self.info.context_tokens
        if context is None:
            return None
        if len(ids) + wanted > context:
            raise ModelError(
                f"the prompt has {len(ids)} tokens and {self.info.name} reads {context}, its reply included: take a "
                "model of a longer context window"
            )
        return context - len(ids)

    def _draw(self, sampling: Sampling, room: int | None) -> Draw:
        usual = self._model.generation_config
        temperature = sampling.temperature
        if temperature is None:
            temperature = usual.temperature if usual.do_sample and usual.temperature else TEMPERATURE
        return Draw(
            temperature=float(temperature),
            top_p=float(usual.top_p) if usual.do_sample and usual.top_p else 1.0,
            max_tokens=sampling.max_tokens if room is None else min(sampling.max_tokens, room),
            seed=0 if sampling.seed is None else sampling.seed,
            end_ids=self._end_ids,
        )

    def _matchers(self, schema: Schemas | None, n: int) -> list[LLMatcher | None]:
        if schema is None or self.vocabulary is None:
            return [None] * n
        first = self.vocabulary.matcher(schema)
        return [first, *(first.deep_copy() for _ in range(n - 1))]

    def _text(self, tokens: Sequence[int]) -> str:
        if self.vocabulary is None:
            return str(self._tokenizer.decode(tokens, skip_special_tokens=True)).strip()
        joined = b"".join(self.vocabulary.bytes_of(token) for token in tokens)
        return joined.decode("utf-8", "replace").removeprefix(" ")

    def _logits(self, cache: DynamicCache, branches: Sequence[Sequence[int]]) -> list[torch.Tensor]:
        """After each token of each branch; one by one where branches cannot be packed."""
        if is_plain(cache):
            return packed_logits(self._model, cache, branches)
        (branch,) = branches
        with torch.inference_mode():
            piece = torch.tensor([branch], device=self._model.device)
            return [self._model(input_ids=piece, past_key_values=forked(cache), use_cache=True).logits[0].float()]


class _Written:
    """The first reply's text as its tokens come."""

    def __init__(self, vocabulary: Vocabulary | None, on_text: Callable[[str], None]) -> None:
        self._vocabulary = vocabulary
        self._on_text = on_text
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._is_first = True

    def add(self, number: int, token: int) -> None:
        """Hears of one token of a row."""
        if number or self._vocabulary is None:
            return
        piece = self._decoder.decode(self._vocabulary.bytes_of(token))
        if self._is_first and piece:
            piece, self._is_first = piece.removeprefix(" "), False
        if piece:
            self._on_text(piece)


def _end_ids(model: Any, tokenizer: Any) -> frozenset[int]:
    """Tokens that end a reply, as the model's own settings and the tokenizer name them."""
    found = [model.generation_config.eos_token_id, tokenizer.eos_token_id]
    n_logits = int(model.get_output_embeddings().weight.shape[0])
    ends = frozenset(
        int(token)
        for entry in found
        if entry is not None
        for token in (entry if isinstance(entry, list) else [entry])
        if 0 <= int(token) < n_logits
    )
    if not ends:
        raise ModelError(
            "neither generation_config.json nor the tokenizer names the token that ends a reply (eos_token): is it a "
            "chat model, and whole?"
        )
    return ends


def _groups(branches: Sequence[list[int]], most: int) -> list[list[list[int]]]:
    """The branches in turn, so many tokens together at most, but at least one branch."""
    groups: list[list[list[int]]] = []
    for branch in branches:
        if groups and sum(map(len, groups[-1])) + len(branch) <= most:
            groups[-1].append(branch)
        else:
            groups.append([branch])
    return groups
