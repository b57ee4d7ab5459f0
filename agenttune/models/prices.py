"""What models cost, from a dated file that anybody may edit. An unknown price is unknown, never 0.

`prices.toml` of this package holds well-known models; a file of that name beside settings.toml holds the person's
own and wins. Names are whole spellings: a model that only resembles a known one has no known price.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agenttune.errors import SettingsError, UserError
from agenttune.models.address import is_address, parse_address
from agenttune.settings import config_dir

SHIPPED = Path(__file__).with_name("prices.toml")
MOST = 100_000.0
"""Dollars per million tokens that nobody asks; beyond, a unit was mistaken."""
_FIELDS = ("prompt", "completion", "cached", "as_of")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens."""

    prompt: float
    completion: float
    cached: float | None = None
    """Of prompt tokens read from the server's cache; None: as other prompt tokens."""
    as_of: str | None = None
    """Date the price was read, ISO."""


FREE = Price(0.0, 0.0)
"""Of a model on this machine."""


def price_of(spec: str, *, is_local: bool) -> Price | None:
    """The price of a model: the person's own entry, else `FREE` of a local one, else the shipped entry.

    Returns:
        None where the price is unknown.

    Raises:
        SettingsError: the person's file cannot be read or holds what is no price.
    """
    server = _server_of(spec)
    own = _read(own_prices_path()).get(server)
    if own is not None:
        return own
    return FREE if is_local else _read(SHIPPED).get(server)


def own_prices_path() -> Path:
    """The person's own prices, whether the file is there or not."""
    return config_dir() / "prices.toml"


def dollars(price: Price | None, usage: Mapping[str, int]) -> float | None:
    """What a request of that usage (tokens by kind) cost; None where price or usage do not tell."""
    if price == FREE:
        return 0.0
    if price is None or "prompt" not in usage or "completion" not in usage:
        return None
    cached = min(usage.get("cached", 0), usage["prompt"])
    of_cached = price.prompt if price.cached is None else price.cached
    spent = (usage["prompt"] - cached) * price.prompt + cached * of_cached + usage["completion"] * price.completion
    return spent / 1e6


def _read(path: Path) -> dict[str, Price]:
    """Server and model -> price."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the prices {path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the prices {path} are not TOML: {error}") from error
    prices = {}
    for spec, entry in content.items():
        try:
            prices[_server_of(spec)] = _price(entry)
        except UserError as error:
            raise SettingsError(f'{path}: ["{spec}"]: {error}') from error
    return prices


def _price(entry: object) -> Price:
    """Raises a UserError that says what is wrong with it."""
    if not isinstance(entry, dict):
        raise UserError(f"a price is a table with {', '.join(_FIELDS)}, but got {entry!r}")
    unknown = [name for name in entry if name not in _FIELDS]
    if unknown:
        raise UserError(f"a price has no {unknown[0]!r}, there are {', '.join(_FIELDS)}")
    prompt, completion = (_amount(name, entry.get(name)) for name in ("prompt", "completion"))
    cached = None if "cached" not in entry else _amount("cached", entry["cached"])
    return Price(prompt, completion, cached, _date(entry.get("as_of")))


def _amount(name: str, value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MOST:  # NaN is in no range
        return float(value)
    raise UserError(f"`{name}` must be US dollars per million tokens from 0 to {MOST:,.0f}, but got {value!r}")


def _date(value: object) -> str | None:
    if value is None:
        return None
    try:
        return datetime.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise UserError(f"`as_of` must be a date as 2026-11-26, but got {value!r}") from None


def _server_of(spec: str) -> str:
    """What the spelling names, however it is spelled; other schemes' spellings name themselves."""
    return parse_address(spec).server if is_address(spec) else spec
