"""Python text as a tree and as lines: bounded in length and depth, never run. Not for: what stands in it (target.py).

CPython's parser has limits of its own, which end in a RecursionError or a MemoryError at a depth that depends on the
stack; here depth is looked at in the text first, so that whatever walks a tree later may recurse.
"""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections.abc import Iterator
from itertools import accumulate

MOST_CHARS = 100_000
"""Longest block: some 3,000 lines, five times what a model writes in one reply."""
MOST_FILE_CHARS = 1_000_000
"""Longest file with a target in it."""
DEEPEST = 100
"""Of an expression or of blocks within blocks, in tokens that deepen the tree: far above what people write."""
DEEPEST_TREE = 2 * DEEPEST
"""The same in nodes of the tree, some of which come in pairs: a fifth of what Python recurses into."""
_DEEPENING = frozenset("not lambda if else await and or in is".split())
_SHALLOW = frozenset(", : = ; -> := @".split())
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


class Unparsable(Exception):
    """A text that is no Python, or too long or too deep to be looked at; its text is the reason."""


def parse(text: str, *, most_chars: int = MOST_CHARS) -> ast.Module:
    """The tree of a text that Python would take, too, when it compiles it.

    Raises:
        Unparsable: it would not, or the text is beyond the bounds.
    """
    if len(text) > most_chars:
        raise Unparsable(f"it may have {most_chars:,} characters, but has {len(text):,}")
    _check_depth(text)
    try:
        with warnings.catch_warnings():  # "is" with a literal, a stray backslash: the code's own affair
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            compile(tree, "<variant>", "exec", dont_inherit=True)  # finds `return` outside functions; runs nothing
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""
        raise Unparsable(f"{where}{error.msg}") from None
    except ValueError as error:  # null bytes, halves of characters, numbers of thousands of digits
        raise Unparsable(str(error)[:200]) from None
    except (RecursionError, MemoryError, OverflowError):
        raise _too_deep() from None
    _check_tree(tree)
    return tree


class Lines:
    """A text by its lines as Python counts them: their ends are \\n, \\r\\n and \\r."""

    def __init__(self, text: str) -> None:
        self.lines = list(io.StringIO(text, newline=""))
        self.starts = [0, *accumulate(map(len, self.lines))]

    def offset(self, line: int, column: int) -> int:
        """In characters, of a place that a tree tells, whose lines count from 1 and whose columns count bytes."""
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """(start, end) of a node."""
        assert node.end_lineno is not None and node.end_col_offset is not None  # nodes of a parsed text have both
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)


def plain_ends(text: str) -> str:
    """The text with line ends \\n, as Python reads it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def rows_in_strings(text: str) -> frozenset[int]:
    """Numbers, from 1 up, of the lines of a parsed text that begin within a string, where a space is no indentation."""
    rows: set[int] = set()
    begun: list[int] = []
    for token in _tokens(plain_ends(text)):
        kind = tokenize.tok_name[token.type]
        if kind == "STRING":
            rows.update(range(token.start[0] + 1, token.end[0] + 1))
        elif kind in ("FSTRING_START", "TSTRING_START"):  # from Python 3.12 on, an f-string is several tokens
            begun.append(token.start[0])
        elif kind in ("FSTRING_END", "TSTRING_END"):
            rows.update(range(begun.pop() + 1, token.end[0] + 1))
    return frozenset(rows)


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    """Tokens up to the first that is wrong: from there on, each might cost a look at the rest of its line."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.ERRORTOKEN:
            return
        yield token


def _check_depth(text: str) -> None:
    """Refuses a text that may be nested too deeply, by its tokens; a text with wrong ones is left to the parser."""
    levels = [0]  # what deepens the tree in each open bracket, outermost first
    n_open = n_blocks = n_elifs = 0
    try:
        for token in _tokens(text):
            sign = token.string
            if token.type == tokenize.NEWLINE:
                levels, n_open = [0], 0
            elif token.type in (tokenize.INDENT, tokenize.DEDENT):
                n_blocks += 1 if token.type == tokenize.INDENT else -1
            elif token.type == tokenize.OP and sign in _OPENING:
                levels[-1] += 1
                levels.append(0)
                n_open += 1
            elif token.type == tokenize.OP and sign in _CLOSING and len(levels) > 1:
                n_open -= levels.pop()
            elif sign == "," or sign == ";":
                n_open -= levels[-1]
                levels[-1] = 0
            elif sign in _DEEPENING or (token.type == tokenize.OP and sign not in _SHALLOW):
                levels[-1] += 1
                n_open += 1
            n_elifs += sign == "elif"
            if n_open + n_blocks > DEEPEST or n_elifs > DEEPEST:
                raise _too_deep()
    except (tokenize.TokenError, SyntaxError):
        return


def _check_tree(tree: ast.Module) -> None:
    """Refuses a tree that is too deep all the same: what an f-string holds is one token."""
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST_TREE):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> Unparsable:
    return Unparsable(f"it is nested too deeply: at most {DEEPEST} levels of brackets, operators and blocks")
