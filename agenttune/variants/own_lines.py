"""Lines of the user's that hold a key: models and the store see `***` in them, the files of a variant have them whole.

Not for: taking keys out (redaction.py).
"""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterator

from agenttune.redaction import redact


def with_own_lines(block: str, source: str) -> str:
    """A block in which lines that were shown without their key stand as the user wrote them.

    A line that stands there more or less often than it was shown stays as it is where it could be one of several.

    Args:
        block: code of a model, or out of the store.
        source: of the target as the user wrote it.
    """
    own: dict[str, list[str]] = defaultdict(list)
    for shown, line in _hidden(source):
        own[shown.strip()].append(line)
    if not own:
        return block
    lines = block.split("\n")
    times = Counter(line.strip() for line in lines)
    for place, line in enumerate(lines):
        known = own.get(line.strip(), [])
        if known and (len(set(known)) == 1 or times[line.strip()] == len(own[line.strip()])):
            indent = line[: len(line) - len(line.lstrip())]
            lines[place] = indent + known[0].lstrip()
            if len(set(known)) > 1:
                times[line.strip()] -= 1
                del known[0]
    return "\n".join(lines)


def _hidden(source: str) -> Iterator[tuple[str, str]]:
    """(line as it is shown, as it is) of those that hold a key; a key of several lines is shown in one."""
    shown = redact(source)
    if shown == source:
        return
    there, here = shown.split("\n"), source.split("\n")
    for kind, start, end, own_start, own_end in difflib.SequenceMatcher(None, there, here, False).get_opcodes():
        if kind != "replace":
            continue
        if end - start == own_end - own_start:
            yield from zip(there[start:end], here[own_start:own_end], strict=True)
        elif end - start == 1:
            yield there[start], "\n".join(here[own_start:own_end])
