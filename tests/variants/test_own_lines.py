"""Lines with a key, put back into code that was shown without it."""

from __future__ import annotations

import pytest

from agenttune.redaction import redact
from agenttune.variants.own_lines import with_own_lines

KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"
OTHER = "sk-proj-zyxwvutsrqponmlkjihgfedcba9876543210"
SOURCE = f'def fit(x):\n    key = "{KEY}"\n    return ask(key, x)\n'
PEM = 'def fit(x):\n    """-----BEGIN PRIVATE KEY-----\nabc\ndef\n-----END PRIVATE KEY-----"""\n    return x\n'


@pytest.mark.parametrize("source", [SOURCE, PEM, "def fit(x):\n    return x\n"])
def test_code_as_it_was_shown_is_what_the_user_wrote(source: str) -> None:
    assert with_own_lines(redact(source), source) == source


def test_line_moved_deeper_keeps_its_indentation() -> None:
    moved = 'def fit(x):\n    if x:\n        key = "***"\n    return ask(key, 2 * x)\n'
    assert with_own_lines(moved, SOURCE) == moved.replace("***", KEY)


def test_two_keys_shown_alike_go_back_in_order() -> None:
    source = f'login("{KEY}")\nlogin("{OTHER}")\n'
    assert with_own_lines(redact(source), source) == source


def test_one_of_two_keys_shown_alike_is_not_guessed() -> None:
    source = f'login("{KEY}")\nlogin("{OTHER}")\n'
    assert with_own_lines('login("***")\n', source) == 'login("***")\n'


def test_line_of_the_models_own_stays() -> None:
    own = 'def fit(x):\n    key = mine("***")\n'
    assert with_own_lines(own, SOURCE) == own
