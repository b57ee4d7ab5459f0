"""Reading a CSV file a person points at: its encoding, separator, decimal sign and header.

Not for: what the columns mean (data.py). Nothing here guesses beyond what it can check on the file.
"""

from __future__ import annotations

import csv
import difflib
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.errors import DataError

if TYPE_CHECKING:
    import pandas

SEPARATORS = (",", ";", "\t", "|")
MISSING_MARKS = ("?",)
"""Read as missing beside the usual ones ("", "NA", "NaN", "null", "None"): the mark of the UCI archive."""

_GZIP = b"\x1f\x8b"
_SNIFFED_LINES = 50
_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?$")
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+$")


def near(wanted: str, known: Sequence[str]) -> str:
    """` (did you mean 'x'?)` for the nearest of `known`, or nothing."""
    lowered = {name.lower(): name for name in known}
    found = difflib.get_close_matches(wanted.lower(), list(lowered), n=1, cutoff=0.6)
    return f" (did you mean {lowered[found[0]]!r}?)" if found else ""


def content_hash(path: Path) -> str:
    """Sha256 of the file's bytes, hexadecimal.

    Raises:
        DataError: it cannot be read.
    """
    return hashlib.sha256(_read_bytes(path)).hexdigest()


def read_header(path: Path) -> list[str]:
    """The file's column names; of several that are alike the later ones get a number.

    Raises:
        DataError: no such file, an empty one, no header, or a single column.
    """
    text = _read_text(path)
    return _header(path, _first_rows(text, _separator(text)))


def read_csv(path: Path) -> pandas.DataFrame:
    """The file as a frame, one column per header entry.

    Raises:
        DataError: no such file, an empty one, no header, no rows, or rows of different lengths.
    """
    import pandas

    text = _read_text(path)
    separator = _separator(text)
    rows = _first_rows(text, separator)
    header = _header(path, rows)
    if len(rows) < 2:
        raise DataError(f"{path} has a header line but no rows, so there is nothing to learn from")
    try:
        return pandas.read_csv(
            io.StringIO(text),
            sep=separator,
            decimal="," if _has_decimal_commas(rows[1:], separator) else ".",
            na_values=list(MISSING_MARKS),
            names=header,
            header=0,
            index_col=False,
            skipinitialspace=True,
        )
    except (pandas.errors.ParserError, pandas.errors.ParserWarning, ValueError) as error:
        reason = str(error).strip().splitlines()[-1]
        raise DataError(f"{path} cannot be read as a table with {separator!r} between the columns: {reason}") from error


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataError(f"there is no file {str(path)!r}{near(path.name, siblings)}") from None
    except OSError as error:
        raise DataError(f"{str(path)!r} cannot be read: {error.strerror or error}") from error


def _read_text(path: Path) -> str:
    """The file's text, unpacked where it is gzipped; UTF-8, or Windows-1252 when it is not UTF-8."""
    content = _read_bytes(path)
    if content.startswith(_GZIP):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"{path} is a damaged gzip file: {error}") from error
    if b"\x00" in content[:10_000]:
        raise DataError(f"{path} is a binary file, not a CSV: save the table as comma-separated text")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if not text.strip():
        raise DataError(f"{path} is empty: a header line and rows are needed")
    return text


def _separator(text: str) -> str:
    """The separator under which most of the first lines have the same, largest number of fields."""
    scores = {}
    for separator in SEPARATORS:
        lengths = [len(row) for row in _first_rows(text, separator)]
        scores[separator] = (lengths.count(lengths[0]) / len(lengths) if lengths[0] > 1 else 0.0, lengths[0])
    return max(SEPARATORS, key=lambda separator: scores[separator])


def _first_rows(text: str, separator: str) -> list[list[str]]:
    rows: list[list[str]] = []
    for row in csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True):
        if row and any(field.strip() for field in row):
            rows.append([field.strip() for field in row])
        if len(rows) == _SNIFFED_LINES:
            break
    return rows


def _header(path: Path, rows: list[list[str]]) -> list[str]:
    names = [name or f"unnamed_{position}" for position, name in enumerate(rows[0])]
    if len(names) == 1:
        raise DataError(f"{path} has a single column ({names[0]!r}): there is nothing to predict it from")
    if all(_NUMBER.match(name) for name in names):
        raise DataError(f"the first line of {path} holds numbers, so the columns have no names: add a header line")
    return _told_apart(names)


def _told_apart(names: list[str]) -> list[str]:
    """The names with "_2", "_3", ... behind those that came before."""
    unique: dict[str, None] = {}
    for name in names:
        number, candidate = 2, name
        while candidate in unique:
            number, candidate = number + 1, f"{name}_{number}"
        unique[candidate] = None
    return list(unique)


def _has_decimal_commas(rows: list[list[str]], separator: str) -> bool:
    """Whether numbers are written as in "1,5": only possible when the comma does not separate."""
    if separator == ",":
        return False
    fields = [field for row in rows for field in row]
    return any(_DECIMAL_COMMA.match(field) for field in fields) and not any(
        re.match(r"[-+]?\d+\.\d+$", field) for field in fields
    )
