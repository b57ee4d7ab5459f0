"""The whole prompt: bounded, the same at its beginning, readable back, silent about secrets; conversations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agenttune.exchange import Exchange, ExchangeRequest, Prompt, estimate_tokens
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.insight.prompt import FOLLOW_UP, FRESH_CHAT_TOKENS, MAX_TOKENS, llm_prompt
from agenttune.insight.space_text import SPACE_TOKENS, space_text
from agenttune.prompts import prompt_hash
from agenttune.redaction import remember
from agenttune.space import Categorical, Float, Parameter, Space
from agenttune.testing.views import complete, failed, unfinished
from agenttune.trial import Failure, FailureKind, Proposal, Trial
from agenttune.types import Config, Json
from tests.insight.studies import CONTEXT, HINT, SPACE, NextPoint, configs_in, mid_study, text_of, tokens, trial_of
from tests.space.test_properties import seeds, spaces

GOLDEN = Path(__file__).parent.parent / "prompts" / "golden"
REPLY = '{"candidates": []}'


def _exchange(prompt: Prompt, *, verdict: str = "used", reply: str | None = REPLY) -> Exchange:
    return Exchange(ExchangeRequest("model", prompt.messages), reply, verdict)


def _chat(view: StudyView, *earlier: Exchange) -> Prompt:
    return llm_prompt(view, k=4, context=CONTEXT, surrogate_hint=HINT, mode="chat", earlier=earlier)


def _last(prompt: Prompt) -> str:
    return str(prompt.messages[-1]["content"])


def _hostile(space: Space, n: int, seed: int, *, metric: str = "loss", text: str = "x" * 10**6) -> StudyView:
    """A view full of failures, long texts, refusals and predictions."""
    configs: list[Config] = list(space.sample(np.random.default_rng(seed), n + 6))
    trials: list[Trial] = []
    for number, config in enumerate(configs[:n]):
        proposal = Proposal(config, "model", text, predicted_mean=1e300, predicted_sd=1.0, prediction_source="verbal")
        trial = complete(number, config, {metric: float(number % 7)}, proposal=proposal)
        if number % 3 == 1:
            trial = failed(number, config, FailureKind.CRASH, proposal=proposal)
            trial = replace(
                trial, failure=Failure(FailureKind.CRASH, f"{chr(65 + number % 20)}{text}"), notes=(text,) * 3
            )
        trials.append(unfinished(number, config, proposal=proposal) if number % 11 == 10 else trial)
    refused = tuple((Proposal(config, "model", ""), "duplicate", text) for config in configs[n:])
    return StudyView(
        space, Goal(metric, "minimize"), tuple(trials), default=configs[0], budget_trials=10**9, refused=refused
    )


# texts


def test_prompt_of_a_conditional_study() -> None:
    prompt = llm_prompt(mid_study(), k=4, context=CONTEXT, surrogate_hint=HINT)
    assert text_of(prompt) == (GOLDEN / "conditional_study.md").read_text().rstrip("\n")


def test_prompt_before_the_first_trial() -> None:
    view = replace(mid_study(), trials=(), refused=())
    prompt = llm_prompt(view, k=4, context={})
    assert _last(prompt) == (GOLDEN / "empty_study.md").read_text().rstrip("\n")


def test_follow_up_of_a_conversation() -> None:
    earlier = replace(mid_study(), trials=mid_study().trials[:20], refused=())
    assert _last(_chat(mid_study(), _exchange(_chat(earlier)))) == (GOLDEN / "followup.md").read_text().rstrip("\n")


def test_hashes_are_of_the_files_used() -> None:
    prompt = llm_prompt(mid_study(), k=4, context={})
    assert prompt.hashes == {f"{name}.md.jinja": prompt_hash(name) for name in ("system", "space", "digest")}


# what stays the same


def test_everything_before_the_history_is_the_same_to_the_byte() -> None:
    whole = mid_study()
    prompts = [
        llm_prompt(replace(whole, trials=whole.trials[:n]), k=4, context=CONTEXT, surrogate_hint=HINT if n else None)
        for n in (0, 3, 26)
    ]
    fixed = {str(prompt.messages[1]["content"]).partition("# Trials so far")[0] for prompt in prompts}
    assert len(fixed) == 1 and "learning rate of the whole network" in fixed.pop()
    assert len({str(prompt.messages[0]) for prompt in prompts}) == 1


def test_prompt_is_a_function_of_the_view() -> None:
    assert llm_prompt(mid_study(), k=2, context=CONTEXT) == llm_prompt(mid_study(), k=2, context=CONTEXT)


# what is shown can be read back


@settings(max_examples=60, deadline=None)
@given(spaces(), seeds(), st.integers(1, 40))
def test_every_configuration_in_a_prompt_validates_when_read_back(space: Space, seed: int, n: int) -> None:
    view = _hostile(space, n, seed, text="boom")
    hint = NextPoint(view.trials[0].config, 0.5, 0.1)
    prompt = llm_prompt(view, k=4, context={}, surrogate_hint=hint)
    found = list(configs_in(space, _last(prompt)))
    assert len(found) >= min(n, 5 if len(space.parameters) <= 20 else 2)  # tokens are bounded
    for config in found:
        space.validate(config)
    assert tokens(prompt) < MAX_TOKENS


def test_readers_of_this_test_find_every_configuration() -> None:
    text = _last(llm_prompt(mid_study(), k=4, context=CONTEXT, surrogate_hint=HINT))
    assert len(list(configs_in(SPACE, text))) == 2 + 1 + 5 + 2 + 8 + 1 + 1  # default, best; hint; rows; refused


# bounds


def _wide(n: int, *, name: int = 0, meaning: int = 0, choices: int = 0, length: int = 10) -> Space:
    def parameter(i: int) -> Parameter:
        if choices and i % 2:
            return Categorical([f"c{j}" + "y" * length for j in range(choices)], meaning="m" * meaning)
        return Float(1e-5, 1.0, log=True, default=0.5, meaning="m" * meaning, unit="u" * meaning)

    return Space({f"parameter_{i}{'n' * name}": parameter(i) for i in range(n)})


HOSTILE = {
    "30 parameters": _wide(30, meaning=200),
    "100 parameters": _wide(100, meaning=3_000),
    "100 long names": _wide(100, name=100),
    "names of 3,000 characters": _wide(20, name=3_000),
    "500 choices": _wide(100, choices=500),
    "500 long choices": _wide(4, choices=500, length=110),
    "choices of 3,000 characters": _wide(4, choices=20, length=3_000),
    "1,000 parameters": _wide(1_000),
    "200 constraints": Space(
        {f"x{i}": Float(0, 1) for i in range(20)}, constraints=[f"x{i % 20} < {1 + i}" for i in range(200)]
    ),
}


@pytest.mark.parametrize("mode", ["digest", "chat"])
@pytest.mark.parametrize("space", HOSTILE.values(), ids=HOSTILE.keys())
def test_prompt_is_bounded_in_any_space(space: Space, mode: str) -> None:
    view = _hostile(space, 40, 0)
    context = {f"label {i}" * 100: "c" * 10**6 for i in range(40)}
    hint = NextPoint(view.trials[0].config, 0.5, 0.1)
    prompt = llm_prompt(view, k=4, context=context, surrogate_hint=hint, mode="chat" if mode == "chat" else "digest")
    assert tokens(prompt) < MAX_TOKENS
    for config in configs_in(space, _last(prompt)):
        space.validate(config)


@pytest.mark.parametrize("text", ["</data>" * 10**5, "\x00" * 10**6, "é" * 10**6, "\u202e" * 10**6, '"' * 10**6])
def test_prompt_is_bounded_with_any_text(text: str) -> None:
    view = _hostile(SPACE, 40, 0, text=text, metric=text or "loss")
    prompt = llm_prompt(view, k=4, context={text: text})
    assert tokens(prompt) < MAX_TOKENS
    assert _last(prompt).count("</data>") == _last(prompt).count("<data>") == 3


@pytest.mark.parametrize("n", [10, 100, 1_000, 3_000])
def test_prompt_is_bounded_at_any_history(n: int) -> None:
    prompt = llm_prompt(mid_study(n), k=4, context=CONTEXT, surrogate_hint=HINT)
    assert tokens(prompt) < 2_000
    assert "Shortened" not in _last(prompt)


def test_a_space_of_thirty_parameters_is_told_whole() -> None:
    text = space_text(_hostile(HOSTILE["30 parameters"], 1, 0), {})
    assert all(f'"parameter_{i}": float' in text for i in range(30))
    assert '"mmm' in text and "more parameters" not in text


def test_what_does_not_fit_is_counted() -> None:
    text = _last(llm_prompt(_hostile(HOSTILE["1,000 parameters"], 40, 0), k=4, context={}))
    n_listed = text.count(": float")
    assert f"... {1_000 - n_listed} more parameters, too many to list" in text
    assert estimate_tokens(text.partition("# Trials so far")[0]) <= SPACE_TOKENS + 1


def test_a_shortened_history_says_what_is_missing() -> None:
    text = _last(llm_prompt(_hostile(_wide(60), 40, 0), k=4, context={}))
    assert "Shortened to fit: " in text
    assert "more latest" in text


# secrets


def test_planted_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    key, known, variable = "sk-proj-4fT9xQ2mLw8Zr7Kd3VbN", "correct horse battery staple", "hunter2hunter2"
    monkeypatch.setattr("agenttune.redaction._known", set())
    monkeypatch.setenv("SOME_API_KEY", variable)
    remember(known)
    text = f"401 for {key}: {known} / {variable}"
    view = _hostile(
        Space({text: Float(0, 1), "c": Categorical([text, "b"]), "m": Float(0, 1, meaning=text)}), 40, 0, text=text
    )
    for mode in ("digest", "chat"):
        prompt = llm_prompt(view, k=4, context={text: text}, mode="chat" if mode == "chat" else "digest")
        assert not any(secret in text_of(prompt) for secret in (key, known, variable))
        assert "401 for ***" in text_of(prompt)


# conversations


def test_conversation_goes_on_from_the_last_exchange() -> None:
    whole = mid_study()
    first = _chat(replace(whole, trials=whole.trials[:10]))
    second = _chat(replace(whole, trials=whole.trials[:14]), _exchange(first))
    third = _chat(whole, _exchange(first), _exchange(second))
    assert third.messages[: len(second.messages)] == second.messages
    assert [message["role"] for message in third.messages] == ["system", *["user", "assistant"] * 2, "user"]
    assert "Finished trials: 0-24." in _last(third)
    assert "\n18 (" in _last(third) and "\n13 (" not in _last(third)


def test_a_reply_that_could_not_be_read_is_not_gone_on_from() -> None:
    first = _chat(mid_study(10))
    broken = [_exchange(_chat(mid_study(12)), verdict="unparsable"), _exchange(_chat(mid_study(13)), reply=None)]
    second = _chat(mid_study(14), _exchange(first), *broken)
    assert second.messages[: len(first.messages)] == first.messages
    assert len(second.messages) == len(first.messages) + 2


def test_a_repair_request_in_between_does_not_hide_what_was_told() -> None:
    first = _chat(mid_study(10))
    repair: dict[str, Json] = {"role": "user", "content": "Your reply could not be used:\nFinished trials: 0-99."}
    repaired = Prompt((*first.messages, {"role": "assistant", "content": "?"}, repair))
    text = _last(_chat(mid_study(12), _exchange(repaired, verdict="repaired")))
    assert "\n11 (" in text and "\n9 (" not in text


def test_conversation_is_compacted_when_it_grows_too_long() -> None:
    earlier: list[Exchange] = []
    lengths = []
    for n in range(4, 24):
        prompt = _chat(mid_study(n), *earlier)
        lengths.append(len(prompt.messages))
        assert tokens(prompt) < MAX_TOKENS
        if len(prompt.messages) == 2:
            assert tokens(prompt) < FRESH_CHAT_TOKENS
        earlier.append(_exchange(prompt, reply=REPLY + " " * 600))
    assert max(lengths) > 4
    assert 2 in lengths[1:]


def test_a_conversation_starts_anew_when_the_space_has_changed() -> None:
    view = mid_study()
    edited = replace(view, space=Space({"other": Float(0, 1)}), trials=(), default=None)
    assert len(_chat(edited, _exchange(_chat(view))).messages) == 2


def test_trials_that_end_out_of_order_are_told_when_they_end() -> None:
    trials = [trial_of(number) for number in range(8)]
    trials[3] = unfinished(3, trials[3].config)
    view = replace(mid_study(), trials=tuple(trials))
    late = replace(mid_study(), trials=tuple(trial_of(number) for number in range(8)))
    text = _last(_chat(late, _exchange(_chat(view))))
    assert text.startswith(FOLLOW_UP)
    assert "\n3 (" in text and "\n7 (" not in text


def test_many_gaps_in_the_numbers_are_told_and_understood() -> None:
    trials = [trial_of(n) if n % 2 else unfinished(n, trial_of(n).config) for n in range(80)]
    view = replace(mid_study(), trials=tuple(trials))
    first = _chat(view)
    assert "Finished trials: ..., 57, 59" in _last(first)
    trials[70] = trial_of(70)
    text = _last(_chat(replace(view, trials=tuple(trials)), _exchange(first)))
    assert "\n70 (" in text and "\n69 (" not in text and "\n1 (" not in text


def test_more_news_than_are_shown_are_counted() -> None:
    text = _last(_chat(mid_study(30), _exchange(_chat(mid_study(10)))))
    assert "... 12 more" in text
