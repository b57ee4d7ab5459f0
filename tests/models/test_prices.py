"""A price is known exactly or not at all; the person's own file wins; a mistake in it is told."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path

import pytest

from agenttune.errors import SettingsError
from agenttune.models.prices import FREE, SHIPPED, Price, dollars, own_prices_path, price_of

LOCAL = "http://localhost:8000/v1#m"


def write(text: str) -> Path:
    path = own_prices_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_shipped_price_is_dated_and_readable() -> None:
    for spec, entry in tomllib.loads(SHIPPED.read_text()).items():
        price = price_of(spec, is_local=False)
        assert price is not None and price.as_of is not None
        assert datetime.date.fromisoformat(price.as_of) <= datetime.date(2026, 11, 26)
        assert price.cached is None or price.cached <= price.prompt <= price.completion
        assert entry["as_of"].isoformat() == price.as_of


def test_price_is_the_same_however_the_model_is_spelled() -> None:
    assert price_of("openai:gpt-4o", is_local=False) == price_of("https://api.openai.com/v1#gpt-4o", is_local=False)


@pytest.mark.parametrize("spec", ["openai:gpt-4o-of-tomorrow", "https://example.org/v1#gpt-4o", "hf:some/model"])
def test_unknown_model_has_no_price(spec: str) -> None:
    assert price_of(spec, is_local=False) is None


def test_local_model_is_free_unless_the_person_says_otherwise() -> None:
    assert price_of(LOCAL, is_local=True) == FREE
    write(f'["{LOCAL}"]\nprompt = 1\ncompletion = 2.5\n')
    assert price_of(LOCAL, is_local=True) == Price(1.0, 2.5)


def test_what_is_free_is_so_whatever_was_used() -> None:
    assert dollars(FREE, {}) == 0.0


def test_own_price_wins() -> None:
    write('["openai:gpt-4o"]\nprompt = 3\ncompletion = 4\nas_of = 2026-01-02\n')
    assert price_of("openai:gpt-4o", is_local=False) == Price(3.0, 4.0, as_of="2026-01-02")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "are not TOML"),
        ("x = 3", 'prices.toml: \\["x"\\]: a price is a table with prompt, completion, cached, as_of, but got 3'),
        ("[x]\nprompt = 1", "`completion` must be US dollars per million tokens from 0 to 100,000, but got None"),
        ("[x]\nprompt = -1\ncompletion = 1", "`prompt` must be .* but got -1"),
        ("[x]\nprompt = nan\ncompletion = 1", "but got nan"),
        ("[x]\nprompt = true\ncompletion = 1", "but got True"),
        ("[x]\nprompt = 1\ncompletion = inf", "but got inf"),
        ("[x]\nprompt = 1\ncompletion = 1\ncash = 1", "a price has no 'cash', there are prompt, completion"),
        ('[x]\nprompt = 1\ncompletion = 1\nas_of = "soon"', "`as_of` must be a date as 2026-11-26, but got 'soon'"),
        ('["openai:"]\nprompt = 1\ncompletion = 1', "lacks the model's name"),
    ],
)
def test_mistake_in_the_own_file_is_told(text: str, said: str) -> None:
    write(text)
    with pytest.raises(SettingsError, match=said):
        price_of("openai:gpt-4o", is_local=False)


def test_file_that_cannot_be_read_is_told() -> None:
    own_prices_path().mkdir(parents=True)
    with pytest.raises(SettingsError, match="cannot be read"):
        price_of(LOCAL, is_local=True)


@pytest.mark.parametrize(
    ("price", "usage", "spent"),
    [
        (Price(2.0, 10.0), {"prompt": 1_000_000, "completion": 100_000}, 3.0),
        (Price(2.0, 10.0, cached=1.0), {"prompt": 1_000_000, "completion": 0, "cached": 500_000}, 1.5),
        (Price(2.0, 10.0), {"prompt": 1_000_000, "completion": 0, "cached": 500_000}, 2.0),
        (Price(2.0, 10.0, cached=1.0), {"prompt": 10, "completion": 0, "cached": 5_000_000}, 1e-5),
        (FREE, {"prompt": 10, "completion": 5}, 0.0),
        (None, {"prompt": 10, "completion": 5}, None),
        (Price(2.0, 10.0), {"prompt": 10}, None),
    ],
)
def test_cost_follows_price_and_usage(price: Price | None, usage: dict[str, int], spent: float | None) -> None:
    assert dollars(price, usage) == (None if spent is None else pytest.approx(spent))
