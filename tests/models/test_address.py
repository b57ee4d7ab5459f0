"""A spelling says where a model is asked, and never holds a key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenttune.errors import UserError
from agenttune.models import load_model
from agenttune.models.address import Address, parse_address

KEY = "sk-abcdEFGH12345678ijkl"


@pytest.mark.parametrize(
    ("spec", "base_url", "name", "is_local"),
    [
        ("openai:gpt-5.6", "https://api.openai.com/v1", "gpt-5.6", False),
        ("http://localhost:11434/v1#qwen3:8b", "http://localhost:11434/v1", "qwen3:8b", True),
        ("https://openrouter.ai/api/v1/#meta/llama-3:free", "https://openrouter.ai/api/v1", "meta/llama-3:free", False),
        ("http://[::1]:8000/v1#m", "http://[::1]:8000/v1", "m", True),
        ("http://192.168.1.7/v1#m", "http://192.168.1.7/v1", "m", True),
        ("http://gpu-box:8000/v1#m", "http://gpu-box:8000/v1", "m", True),
        ("http://gpu.lan/v1#m", "http://gpu.lan/v1", "m", True),
        ("https://8.8.8.8/v1#m", "https://8.8.8.8/v1", "m", False),
        ("http://localhost:8000/v1/chat/completions#m", "http://localhost:8000/v1", "m", True),
        ("http://localhost:8000/v1/chat/completions/#m", "http://localhost:8000/v1", "m", True),
        ("https://localhost.example.com/v1#m", "https://localhost.example.com/v1", "m", False),
    ],
)
def test_spelling_names_server_and_model(spec: str, base_url: str, name: str, is_local: bool) -> None:
    address = parse_address(spec)
    assert (address.base_url, address.name, address.is_local) == (base_url, name, is_local)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("gpt-5.6", "no model is spelled 'gpt-5.6': write openai:NAME"),
        (3, "no model is spelled 3: write openai:NAME"),
        ("gemini:pro", "no model is spelled 'gemini:pro'"),
        ("openai:", "lacks the model's name, as in openai:"),
        ("http://localhost:8000/v1", "lacks the model's name: add it after a #"),
        ("http:///v1#m", "no server's address"),
        ("http://host:99999/v1#m", "no address"),
        ("http://[::1/v1#m", "no address"),
        ("http://me:pw@host/v1#m", "the address of host holds a login"),
        (f"https://host/v1?key={KEY}#m", "the address of host holds a login or a query"),
        ("http://me:pw@host/v1#m", "for a key, set AGENTTUNE_API_KEY$"),
        ("https://me.openai.azure.com/x?api-version=1#m", "https://me.openai.azure.com/openai/v1#NAME; for a key"),
        (f"https://host/{KEY}/v1#m", r"must hold no key, but got 'https://host/\*\*\*/v1#m'; set AGENTTUNE_API_KEY"),
        (f"openai:{KEY}", "must hold no key.*OPENAI_API_KEY"),
        ("http://host/v1#a b", "no blanks"),
        ("http://host/v1#a\x1b[2J", "no blanks or control characters"),
    ],
)
def test_wrong_spelling_is_told(spec: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        load_model(spec)
    assert KEY not in str(caught.value)
    assert "me:pw" not in str(caught.value)


@given(st.text() | st.text().map("openai:{}".format) | st.text().map("http://{}".format))
def test_any_text_is_an_address_or_a_sentence(text: str) -> None:
    try:
        assert isinstance(parse_address(text), Address)
    except UserError as error:
        assert str(error).isprintable()
