"""Reading a CSV file a person points at: its encoding, separator, decimal sign and header.

Not for: what the columns mean (data.py). Nothing here guesses beyond what it can check on the file.
"""

from __future__ import annotations

import csv
import difflib
import gzip
import hashlib
import io
import itertools
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.errors import DataError

if TYPE_CHECKING:
    import pandas

SEPARATORS = (",", ";", "\t", "|")
MISSING_MARKS = ("?", "na")
"""Read as missing beside the usual ones ("", "NA", "N/A", "n/a", "NaN", "null", "None")."""
DASHES = ("-", "--")
"""Missing too, but for a column that holds "+" (odd_cells.py)."""

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
    return _told_apart(_names(path, _first_rows(path, text, _separator(path, text))))


def repeated_names(path: Path) -> list[str]:
    """The column names that stand in the file's header more than once, as they stand there.

    Raises:
        DataError: as `read_header`.
    """
    text = _read_text(path)
    counts = Counter(_names(path, _first_rows(path, text, _separator(path, text))))
    return [name for name, count in counts.items() if count > 1]


def read_csv(path: Path) -> pandas.DataFrame:
    """The file as a frame, one column per header entry.

    Raises:
        DataError: no such file, an empty one, no header, no rows, or rows of different lengths.
    """
    import pandas

    text = _read_text(path)
    separator = _separator(path, text)
    rows = _first_rows(path, text, separator)
    header = _told_apart(_names(path, rows))
    if len(rows) < 2:
        raise DataError(f"{path} has a header line but no rows, so there is nothing to learn from")
    try:
        return pandas.read_csv(
            io.StringIO(text),
            sep=separator,
            decimal=_decimal_sign(rows[1:], separator),
            na_values=list(MISSING_MARKS),
            names=header,
            header=0,
            index_col=False,
            skipinitialspace=True,
        )
    except (pandas.errors.ParserError, pandas.errors.ParserWarning, ValueError) as error:
        reason = str(error).strip().splitlines()[-1]
        raise DataError(f"{path} cannot be read as a table with {separator!r} between the columns: {reason}") from error


def decimal_sign(path: Path) -> str:
    """How the file writes 1.5: "." or ","."""
    text = _read_text(path)
    separator = _separator(path, text)
    return _decimal_sign(_first_rows(path, text, separator)[1:], separator)


def line_of(path: Path, cell: str, *, column: int) -> int | None:
    """Number of the first line of a file that has this cell in the column; None if none has."""
    text = _read_text(path)
    rows = _rows(path, text, _separator(path, text))
    next(rows, None)  # the header
    return next((line for line, row in rows if row[column : column + 1] == [cell]), None)


def _read_bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise DataError(f"{str(path)!r} is no file: give a CSV file")
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
    return text.replace("\r\n", "\n").replace("\r", "\n")  # old Macs end lines with a CR alone


def _separator(path: Path, text: str) -> str:
    """The separator under which most of the first lines have the same, largest number of fields."""
    scores = {}
    for separator in SEPARATORS:
        lengths = [len(row) for row in _first_rows(path, text, separator)]
        scores[separator] = (lengths.count(lengths[0]) / len(lengths) if lengths[0] > 1 else 0.0, lengths[0])
    return max(SEPARATORS, key=lambda separator: scores[separator])


def _first_rows(path: Path, text: str, separator: str) -> list[list[str]]:
    return [row for _, row in itertools.islice(_rows(path, text, separator), _SNIFFED_LINES)]


def _rows(path: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """(number of its last line, fields without blanks around them) of every row that is not blank."""
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    try:
        for row in reader:
            if any(field.strip() for field in row):
                yield reader.line_num, [field.strip() for field in row]
    except csv.Error as error:
        raise DataError(f"line {reader.line_num} of {path} cannot be read as a row of a table: {error}") from error


def _names(path: Path, rows: list[list[str]]) -> list[str]:
    names = [name or f"unnamed_{position}" for position, name in enumerate(rows[0])]
    if len(names) == 1:
        raise DataError(f"{path} has a single column ({names[0]!r}): there is nothing to predict it from")
    if all(_NUMBER.match(name) for name in names):
        raise DataError(f"the first line of {path} holds numbers, so the columns have no names: add a header line")
    return names


def _told_apart(names: list[str]) -> list[str]:
    """The names with "_2", "_3", ... behind those that came before."""
    unique: dict[str, None] = {}
    for name in names:
        number, candidate = 2, name
        while candidate in unique:
            number, candidate = number + 1, f"{name}_{number}"
        unique[candidate] = None
    return list(unique)


def _decimal_sign(rows: list[list[str]], separator: str) -> str:
    """A comma only where it does not separate and no number is written with a point."""
    if separator == ",":
        return "."
    fields = [field for row in rows for field in row]
    has_points = any(re.match(r"[-+]?\d+\.\d+$", field) for field in fields)
    return "," if not has_points and any(_DECIMAL_COMMA.match(field) for field in fields) else "."
