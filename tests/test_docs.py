"""What the guides in docs/ say that can be checked without a model or a network: commands, settings, prices, rules."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from agenttune.agent.approvals import Mode, Policy, load_policy
from agenttune.cli.parser import build_parser
from agenttune.models.prices import price_of
from agenttune.replies.costs import spell_dollars
from agenttune.replies.tokens import COMPLETION_TOKENS, estimate_study
from agenttune.settings import Settings
from agenttune.tools import Effect

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
TRIALS, TOKENS = 30, 18_600
"""Of the study whose costs are told."""


def blocks(language: str) -> list[str]:
    """The code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", TEXT, flags=re.DOTALL)


AGENT = (ROOT / "docs" / "agent.md").read_text(encoding="utf-8")
CODE = (ROOT / "docs" / "code.md").read_text(encoding="utf-8")
BASH = blocks("bash") + [block for text in (AGENT, CODE) for block in re.findall(r"```bash\n(.*?)```", text, re.DOTALL)]
COMMANDS = [line for block in BASH for line in block.splitlines() if line.startswith("agenttune ")]
PRICES = re.findall(r"^\| `(openai:\S+)` \| (\$[\d.]+) \|$", TEXT, flags=re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_command_is_understood(command: str) -> None:
    words = shlex.split(command, comments=True)[1:]
    assert build_parser(words).parse_args(words).command == words[0]


def test_settings_are_there_and_their_defaults_are_told() -> None:
    (told,) = map(tomllib.loads, blocks("toml"))
    assert told
    defaults = Settings().model_dump()
    assert told == {name: defaults[name] for name in told}


@pytest.mark.parametrize(("model", "dollars"), PRICES)
def test_price_of_a_study_is_what_the_estimate_says(model: str, dollars: str) -> None:
    n_requests = estimate_study(None, n_trials=TRIALS, prompt_tokens=0).requests
    prompt_tokens = TOKENS // n_requests - COMPLETION_TOKENS
    found = estimate_study(price_of(model, is_local=False), n_trials=TRIALS, prompt_tokens=prompt_tokens)
    assert (spell_dollars(found.dollars), round(found.tokens, -2)) == (dollars, TOKENS)


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)[^)]*\)", TEXT))
def test_files_that_are_linked_are_there(target: str) -> None:
    assert target.startswith("https://") or (ROOT / "docs" / target).is_file()


def test_policy_that_the_guide_shows_is_one(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", AGENT, flags=re.DOTALL)
    (tmp_path / "approvals.toml").write_text(shown)
    assert load_policy(path=tmp_path / "approvals.toml").tools == {"propose": "auto"}


def test_table_of_effects_is_what_the_policy_does() -> None:
    rows = re.findall(r"^\| ([a-z, ]+) \| [^|]+ \| (\w+) \| (\w+) \| (\w+) \|$", AGENT, flags=re.MULTILINE)
    words = {"auto": "done", "ask": "asked", "deny": "denied"}
    told = {effect: row[1:] for row in rows for effect in row[0].split(", ") if effect != "effect"}
    assert set(told) == set(get_args(Effect))
    for effect in get_args(Effect):
        found = tuple(words[Policy(mode).decide("any", effect)[0]] for mode in get_args(Mode))
        assert told[effect] == found
