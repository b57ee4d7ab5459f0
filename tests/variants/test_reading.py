"""Replies as code or as ideas."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenttune.variants.reading import Ideas, read_block, read_ideas
from agenttune.variants.refused import BlockRefused

CODE = "def f(x):\n    return x\n"


@pytest.mark.parametrize(
    "reply",
    [
        CODE,
        f"```python\n{CODE}```",
        f"Here it is:\n\n```py\n{CODE}```\nIt is better.",
        f"```Python3\r\n{CODE}```".replace("\n", "\r\n"),
        f"```\n{CODE}```",
        f"```python title=a.py\n{CODE}```",
        f"~~~python\n{CODE}~~~",
        f"````python\n{CODE}````",
        f"```python\n{CODE}",
        f"<think>```python\ndef g(): 1\n```</think>```python\n{CODE}```",
        f"def h(): maybe\n</think>\n{CODE}",
        f'```bash\npip install x\n```\n```python\n{CODE}```\n```json\n{{"a": 1}}\n```',
        f"```python\n{CODE}```\nIt prints\n```\n1\n```\n",
        f"```python\n{CODE}```\nOnce more:\n```python\n\n{CODE}\n```",
        f"```text\n{CODE}```",
        f"```markdown\n```python\n{CODE}```\n```",
        f"```python\n```\n```python\n{CODE}```",
        f"<think>open\n</think>{CODE}<think>never closed: def g(): 1",
    ],
)
def test_the_code_of_a_reply_is_found(reply: str) -> None:
    assert read_block(reply) == CODE


def test_a_fence_within_a_text_of_the_code_does_not_end_it() -> None:
    code = 'def f():\n    """Use:\n\n```python\nf()\n```\n    """\n    return 1\n'
    assert read_block(f"```python\n{code}```\nSo be it.") == code
    assert read_block(f"```python\n{code}") == code


def test_code_that_does_not_parse_is_still_what_was_offered() -> None:
    assert read_block("```python\ndef f(:\n```") == "def f(:\n"
    assert read_block("def f(x):\n    return (\n") == "def f(x):\n    return (\n"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("", "no-code"),
        ("I would rather not. From the start, import duties are high.", "no-code"),
        ("42", "no-code"),
        ('{"code": "def f(): 1"}', "no-code"),
        ("```python\n```", "no-code"),
        ("```bash\nrm -rf /\n```", "no-code"),
        (f"<think>```python\n{CODE}```", "no-code"),
        (f"```python\n{CODE}```\n```python\ndef g(): 1\n```", "several-blocks"),
        (f"```python\n{CODE}```\n```\nimport os\n```", "several-blocks"),
        (f"```python\n{CODE}{'# x' * 40_000}\n```", "too-long"),
        ("x" * 1_000_000, "too-long"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_reply_without_one_block_is_refused(reply: str, kind: str) -> None:
    with pytest.raises(BlockRefused) as found:
        read_block(reply)
    assert found.value.kind == kind
    assert found.value.reason


@given(st.text(alphabet=st.sampled_from("`~\n dpython<think/>():x\0\ud800'\"{}[]"), max_size=60))
def test_every_text_gets_a_verdict(reply: str) -> None:
    for read in (read_block, lambda text: read_ideas(text, k=3)):
        try:
            assert read(reply)
        except BlockRefused as error:
            assert error.reason


@pytest.mark.timeout(60)
@pytest.mark.parametrize("sign", ["'\"\\", "`\n", "\n", "```\nx = (\n"])
def test_time_grows_with_the_length_alone(sign: str) -> None:
    reply = (sign * 400_000)[:99_000]
    for read in (read_block, lambda text: read_ideas(text, k=3)):
        with pytest.raises(BlockRefused):
            read(reply)


def test_lessons_and_directions_are_read() -> None:
    reply = {
        "lessons": [{"variant": "v2", "lesson": "wider\nhelps"}, {"variant": 13, "lesson": "no"}, {"variant": "x"}, 3],
        "directions": ["Add  dropout.", "add dropout", "", "Use \x1b[31mGELU.", {"idea": "Warm up."}, "One more."],
    }
    ideas = read_ideas(f"<think>[1]</think>Sure:\n```json\n{json.dumps(reply)}\n```", k=3)
    assert ideas == Ideas(("Add dropout.", "Use GELU.", "Warm up."), {2: "wider helps", 13: "no"})


@pytest.mark.parametrize(
    "reply",
    [
        '["a b", "c d"]',
        '{"ideas": ["a b", "c d",]}',
        '{"directions": "[\\"a b\\", \\"c d\\"]"}',
        "I propose:\n1. a b\n2) c d\n",
        "- a b\n\n- c d\n",
    ],
)
def test_other_shapes_of_a_list_are_read_as_well(reply: str) -> None:
    assert read_ideas(reply, k=4) == Ideas(("a b", "c d"), {})


def test_lessons_by_name_are_read() -> None:
    assert read_ideas('{"lessons": {"v1": "deep is slow", "v": "?"}}', k=4) == Ideas((), {1: "deep is slow"})


def test_a_long_idea_is_cut() -> None:
    (idea,) = read_ideas(json.dumps({"directions": ["x" * 5_000]}), k=1).ideas
    assert len(idea) == 400


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "No.",
        "{}",
        "[]",
        "[1, null]",
        'x = ["relu", "tanh"]',
        '{"directions": [""]}',
        "[" * 5_000,
        "x" * 300_000,
        '{"directions": [["a"]]}',
    ],
    ids=lambda reply: reply[:20],
)
def test_a_reply_without_ideas_is_refused(reply: str) -> None:
    with pytest.raises(BlockRefused) as found:
        read_ideas(reply, k=4)
    assert found.value.kind == "unparsable"
