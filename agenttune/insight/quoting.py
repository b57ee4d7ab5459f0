"""Foreign text and values made fit for a prompt: quoted, capped, without control characters or secrets.

Everything is spelled as JSON, so that what a model copies into its reply is read back as the same value. A quoted
text stays on one line and can neither end its quotes nor the fence (`<data>` ... `</data>`) it stands in.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence

from agenttune.redaction import redact
from agenttune.space import Float, Parameter, Space
from agenttune.types import Config, Scalar
from agenttune.units import spell_infinite

LONGEST_EXACT = 120
"""Characters of a name or choice that a prompt shows; a longer one cannot be cut, as it would be another value."""
LONGEST_SCANNED = 20_000
"""Characters of a text that are looked at; a message may be megabytes long, and only its ends are shown."""
_FENCE = re.compile(r"<(?=/?data\b)", re.IGNORECASE)


def quote(text: str, most: int = LONGEST_EXACT) -> str:
    """A text in double quotes, at most about `most` characters of it; the middle of a longer one is left out."""
    if len(text) > LONGEST_SCANNED:
        text = text[: LONGEST_SCANNED // 2] + text[-LONGEST_SCANNED // 2 :]
    text = "".join(char if char.isprintable() else " " for char in redact(text))
    text = " ".join(text.split())
    if len(text) > most:
        half = max((most - 5) // 2, 1)
        text = f"{text[:half]} ... {text[-half:]}"
    return spell_json(text)


def spell_json(value: object) -> str:
    """JSON of a value on one line; characters nobody can see are escaped, and so is what would end a fence."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if not text.isprintable():
        text = "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
    return _FENCE.sub(r"\\u003c", text)


def is_exact(*values: Scalar) -> bool:
    """Whether a prompt can show the values as they are: no long text, nothing that looks like a secret."""
    texts = [value for value in values if isinstance(value, str)]
    if not texts or any(len(text) > LONGEST_EXACT for text in texts):
        return not texts
    joined = "\n".join(texts)
    return redact(joined) == joined


def spell_values(values: Sequence[Scalar]) -> list[str]:
    """Each value as JSON, as it is where it can be shown so, else cut or with its secrets taken out."""
    if is_exact(*values):  # at once, as looking for secrets is what takes time
        return [spell_json(value) for value in values]
    return [quote(value) if isinstance(value, str) else spell_json(value) for value in values]


def spell_value(value: Scalar) -> str:
    """The same of one value."""
    return spell_values((value,))[0]


def shown_config(space: Space, config: Config) -> dict[str, Scalar] | None:
    """A configuration as prompts show it: what varies, floats with as many digits as matter, valid when read back.

    Returns:
        None if it cannot be shown: it is not valid in this space, or a name or value of it is not exact.
    """
    exact = {name: config[name] for name in space.columns if name in config}
    if not is_exact(*exact, *exact.values()) or not space.contains(exact):
        return None
    rounded = {name: round_value(space.parameters[name], value) for name, value in exact.items()}
    return rounded if space.contains(rounded) else exact


def round_value(parameter: Parameter, value: Scalar) -> Scalar:
    """A float to a thousandth of its range's width on its scale, and to at least three digits; the rest as it is."""
    if not isinstance(parameter, Float) or parameter.step is not None or not isinstance(value, float) or value == 0:
        return value
    # d digits err by at most 10^(e - d + 1) / 2, where e is the exponent of the first
    wanted = math.floor(math.log10(abs(value))) + 4 - math.log10(2) - _log10_width(parameter, value)
    digits = min(max(math.ceil(wanted), 3), 17)
    return min(max(float(f"{value:.{digits}g}"), parameter.low), parameter.high)


def _log10_width(parameter: Float, value: float) -> float:
    """Decimal logarithm of the range's width; for a log scale, of the width it would have at `value`'s pace."""
    if parameter.log:
        width = math.log(parameter.high) - math.log(parameter.low)
        if width > 0:
            return math.log10(value) + math.log10(width)
    return math.log10(parameter.high / 2 - parameter.low / 2 or math.ulp(0)) + math.log10(2)


def cells(space: Space, shown: Mapping[str, Scalar]) -> str:
    """The values of a shown configuration in the order of `space.columns`, null where inactive."""
    return spell_json([shown.get(name) for name in space.columns])


def spell_number(value: float, digits: int = 4) -> str:
    """A measured number with that many significant digits; a difference may be larger than any float."""
    return spell_infinite(value) or f"{value:.{digits}g}"


def digits_to_tell_apart(values: Iterable[float]) -> int:
    """Significant digits, 4 to 7, with which values that differ look different."""
    distinct = set(values)
    for digits in (4, 5, 6):
        if len({spell_number(value, digits) for value in distinct}) == len(distinct):
            return digits
    return 7


def runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Ascending numbers as (first, last) of unbroken runs."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
