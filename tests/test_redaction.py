"""Secrets go, ordinary text stays, and nobody can make it slow."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agenttune import redaction
from agenttune.redaction import HIDDEN, redact, redact_json, redact_variables, remember, remember_objective, say
from agenttune.types import Json

KEYS = [
    "sk-abcdEFGH12345678ijkl",
    "sk-proj-Zx81hTqP_0aB-cDeFgHiJkLmNoP",
    "sk-ant-api03-Q1w2E3r4T5y6U7i8O9p0",
    "sk-or-v1-0123456789abcdef0123456789abcdef",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "gsk_1a2B3c4D5e6F7g8H9i0Jk1L2m3N4",
    "hf_AbCdEfGhIjKlMnOpQrStUvWx1234",
    "AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
    "xai-1234567890abcdefABCDEF",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "github_pat_11ABCDEFG0123456789_abcdef",
    "AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
]
PLACES = [
    "{}",
    "key {}.",
    "'{}'",
    '{{"key": "{}"}}',
    "x={}&y=1",
    "(({}))",
    "Incorrect API key provided: {}\nBye",
    "_{}",
]
ORDINARY = [
    str(uuid.UUID(int=0x1234567890ABCDEF1234567890ABCDEF)),
    hashlib.sha256(b"x").hexdigest(),
    hashlib.sha1(b"x").hexdigest(),
    "sha256:" + hashlib.sha256(b"y").hexdigest(),
    json.dumps({"learning_rate": 3e-4, "max_tokens": 20000000, "kind": "sk-learn-estimators-pipeline", "key": "abc"}),
    "the bearer certificates of the task-force, risk-adjusted-returns-2024, disk-space-0123456789",
    "http://localhost:8000/v1#qwen3:8b and user@example.org",
    "hf_transformers_model_name, ghp_short, AKIA, eyJ, Bearer, api_key, password:",
    "pad_token: <|endoftext|>, secret_key=, api_key = ***",
]
texts = st.text() | st.lists(st.sampled_from([*KEYS, *PLACES, *ORDINARY, "://", "Bearer ", "api_key=", "*", " "])).map(
    "".join
)


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(redaction, "_known", set())
    monkeypatch.setattr(redaction, "_said", set())
    yield


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("place", PLACES)
def test_what_has_the_shape_of_a_key_goes(key: str, place: str) -> None:
    assert redact(place.format(key)) == place.format(HIDDEN)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Authorization: Bearer abcd1234EFGH", "Authorization: Bearer ***"),
        ("authorization: basic dXNlcjpwYXNzd29yZDE=", "authorization: basic ***"),
        ("api_key=verysecretvalue&n=1", "api_key=***&n=1"),
        ('{"api-key": "verysecretvalue"}', '{"api-key": "***"}'),
        ('{\\"client_secret\\": \\"verysecretvalue\\"}', '{\\"client_secret\\": \\"***\\"}'),
        ("MY_PASSWORD: hunter22hunter", "MY_PASSWORD: ***"),
        ("https://me:hunter2@host/v1", "https://***@host/v1"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nend", "***\nend"),
    ],
)
def test_what_is_called_a_secret_goes(text: str, left: str) -> None:
    assert redact(text) == left


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_stays(text: str) -> None:
    assert redact(text) == text


@given(st.integers() | st.floats() | st.uuids() | st.dates())
def test_numbers_and_identifiers_stay(value: object) -> None:
    assert redact(f"value {value}, {value!r}") == f"value {value}, {value!r}"


@pytest.mark.parametrize("name", ["MY_API_KEY", "GITHUB_TOKEN", "DB_PASSWORD", "the_secret", "AWS_CREDENTIALS"])
def test_values_of_secret_variables_go(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "plain words")
    assert redact("it said plain words again") == "it said *** again"


def test_short_or_harmless_variables_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_TOKENS", "2048")
    monkeypatch.setenv("EDITOR", "emacs --no-window")
    assert redact("2048 in emacs --no-window") == "2048 in emacs --no-window"


def test_a_remembered_key_goes_within_json_and_urls_too() -> None:
    remember('pass"word/42')
    assert redact(json.dumps(['pass"word/42']) + " x?k=pass%22word%2F42") == '["***"] x?k=***'


def test_a_short_key_is_not_remembered() -> None:
    remember("none")
    assert redact("none of it") == "none of it"


def test_secrets_of_a_commands_own_variables_are_remembered() -> None:
    env: Json = {
        "MY_TOKEN": "plain words",
        "MAX_TOKENS": "{max_tokens}",
        "EDITOR": "emacs --no-window",
        "DB_PASSWORD": "hunter{xlong22",
        "API_TOKEN": "tr0ub4dor${a}xyz99",
        "TOKENIZER": "bert-base",
        "USER_TOKEN": "{lr}-correcthorse-{amp:--amp}-{{a}}battery",
    }
    remember_objective({"type": "command", "env": env})
    assert redact("0.1-correcthorse---amp-{a}battery") == "0.1***--amp***"
    assert redact("plain words, {max_tokens}, emacs --no-window") == "***, {max_tokens}, emacs --no-window"
    assert redact("hunter{xlong22 bert-base tr0ub4dor${a}xyz99") == "*** bert-base ***"


def test_what_a_study_says_itself_hides_nothing_but_shapes_of_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIMIZER_KEY", "sgd_momentum")
    monkeypatch.setenv("TASK_SECRET", "momentum_of_task")
    assert redact("sgd_momentum, momentum_of_task") == "***, ***"
    say(["lr", "sgd_momentum", "postgres://u:momentum_of_task@db", KEYS[0]])
    assert redact(f"sgd_momentum, momentum_of_task, {KEYS[0]}") == "sgd_momentum, ***, ***"


def test_json_keeps_its_shape() -> None:
    content: Json = [{"role": "user", "content": "-----BEGIN PRIVATE KEY-----\nMII=", "n": [1, None, True, 0.5]}]
    assert redact_json(content) == [{"role": "user", "content": HIDDEN, "n": [1, None, True, 0.5]}]


def test_variables_are_shown_without_their_secrets() -> None:
    shown = redact_variables({"TOKEN": "x", "SEED": "3", "URL": f"http://h/?k={KEYS[0]}"})
    assert shown == {"TOKEN": HIDDEN, "SEED": "3", "URL": "http://h/?k=***"}


@given(texts)
@example("a" * 7 + "*" + "a" * 7)
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@given(st.text(min_size=8, max_size=20), st.text(), st.text())
def test_a_remembered_key_is_in_no_redacted_text(secret: str, before: str, after: str) -> None:
    redaction._known.clear()
    remember(secret)
    if len(secret.strip()) >= redaction.LEAST:
        assert secret.strip() not in redact(before + secret + after)


@given(st.text(), st.sampled_from(KEYS), st.text())
def test_a_key_between_blanks_is_in_no_redacted_text(before: str, key: str, after: str) -> None:
    assert key not in redact(f"{before} {key} {after}")


@pytest.mark.parametrize(
    "hostile",
    [
        "sk-",
        "eyJ",
        "eyJaaaaaaaa.",
        "://a",
        "://" + "a:" * 9,
        "api_key",
        "api_key= ",
        "bearer ",
        "-----BEGIN ",
        "AKIA",
        " ",
    ],
)
def test_time_is_linear_in_hostile_text(hostile: str) -> None:
    def seconds(characters: int) -> float:
        started = time.process_time()
        redact(hostile * (characters // len(hostile)))
        return time.process_time() - started

    assert seconds(1_000_000) < 5  # quadratic would be hours


@pytest.mark.parametrize("colour", ["\x1b[1m", "\x1b[m", "\x1b[38;5;208m"])
@pytest.mark.parametrize("secret", ["sk-proj-Ab3Cd4Ef5Gh6Ij7Kl8Mn9", "Bearer abcdef1234567890abcdef"])
def test_coloured_key_is_taken_out(colour: str, secret: str) -> None:
    assert secret.split()[-1] not in redact(f"key {colour}{secret}\x1b[0m")
