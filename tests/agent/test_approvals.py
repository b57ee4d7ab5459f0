"""What is allowed, by mode, by file, by effect."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from agenttune.agent.approvals import DANGEROUS, Decision, Mode, Policy, load_policy, policy_path
from agenttune.errors import SettingsError
from agenttune.tools import REGISTRY, Effect


@pytest.mark.parametrize("effect", get_args(Effect))
@pytest.mark.parametrize("mode", get_args(Mode))
def test_mode_decides_unless_an_effect_is_free_or_dangerous(mode: Mode, effect: Effect) -> None:
    expected: Decision = {"ask": "ask", "auto": "auto", "plan": "deny"}[mode]  # type: ignore[assignment]  # as written
    if effect in ("read", "note"):
        expected = "auto"
    elif effect in DANGEROUS and mode == "auto":
        expected = "ask"
    assert Policy(mode).decide("any", effect)[0] == expected


@pytest.mark.parametrize(
    ("policy", "tool", "effect", "expected"),
    [
        (Policy("ask", {"propose": "auto"}), "propose", "steer", "auto"),
        (Policy("ask", {"propose": "auto"}), "stop_study", "steer", "ask"),
        (Policy("ask", {"create_study": "auto"}), "create_study", "run", "ask"),
        (Policy("ask", {"create_study": "auto"}, {"run": "auto"}), "create_study", "run", "auto"),
        (Policy("auto", {}, {"spend": "deny"}), "resume_study", "spend", "deny"),
        (Policy("auto", {"resume_study": "deny"}, {"spend": "auto"}), "resume_study", "spend", "deny"),
        (Policy("auto", {"read_file": "deny"}), "read_file", "read", "deny"),
        (Policy("plan", {"propose": "auto"}), "propose", "steer", "deny"),
        (Policy("plan", {}, {"start": "auto"}), "create_study", "start", "deny"),
    ],
)
def test_rules_of_tools_and_effects(policy: Policy, tool: str, effect: Effect, expected: Decision) -> None:
    assert policy.decide(tool, effect)[0] == expected


def test_file_is_read_and_a_flag_wins_over_its_mode() -> None:
    path = policy_path()
    path.parent.mkdir(parents=True)
    path.write_text('mode = "auto"\n[tools]\npropose = "deny"\n[effects]\nrun = "auto"\n')
    assert load_policy() == Policy("auto", {"propose": "deny"}, {"run": "auto"})
    assert load_policy("plan").mode == "plan"


def test_missing_file_is_an_empty_one(tmp_path: Path) -> None:
    assert load_policy(path=tmp_path / "none.toml") == Policy()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "is not TOML"),
        ("modes = 3", "unknown key 'modes'"),
        ('mode = "always"', "`mode` must be one of ask, auto, plan"),
        ('[tools]\nproposes = "auto"', "did you mean 'propose'"),
        ('[tools]\npropose = "yes"', "propose must be one of auto, ask, deny"),
        ('[effects]\nrunning = "auto"', "[effects] has no 'running'"),
        ("tools = 3", "[tools] is a table"),
    ],
)
def test_mistake_in_the_file_is_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "approvals.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_policy(path=path)
    assert said in str(caught.value)


def test_every_tool_has_an_effect() -> None:
    assert {effect for _, effect in REGISTRY.values()} <= set(get_args(Effect))
