"""Whether a block may become a variant, told from its syntax tree alone; nothing of it is run.

The check keeps honest code on the way: what fails here would fail later, at a higher price. It is not what keeps the
machine safe: code can do whatever it likes without naming a forbidden module, and the sandbox is what it does so in.
"""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agenttune.errors import TargetError
from agenttune.redaction import HIDDEN
from agenttune.space import Parameter
from agenttune.types import Scalar
from agenttune.variants.interface import broken_definition, broken_file
from agenttune.variants.numbers import numbers_of
from agenttune.variants.refused import BlockRefused
from agenttune.variants.shape import shape_of_tree
from agenttune.variants.source import MOST_CHARS, MOST_FILE_CHARS, Unparsable, parse, rows_in_strings
from agenttune.variants.target import Definition, Target, definitions, find_target, kind_of, put, tidy

FORBIDDEN: tuple[str, ...] = (
    *"subprocess multiprocessing asyncio.subprocess pty signal ctypes cffi shutil importlib runpy code codeop".split(),
    *"socket socketserver ssl urllib urllib3 requests httpx aiohttp http ftplib smtplib poplib imaplib".split(),
    *"telnetlib xmlrpc webbrowser pickle _pickle dill cloudpickle shelve marshal".split(),
    *(f"os.{name}" for name in "system popen fork forkpty kill killpg execl execle execlp execlpe".split()),
    *(f"os.{name}" for name in "execv execve execvp execvpe spawnl spawnle spawnlp spawnlpe spawnv".split()),
    *(f"os.{name}" for name in "spawnve spawnvp spawnvpe posix_spawn posix_spawnp".split()),
    *"__import__ eval exec".split(),
)
"""Modules, their functions, and built-in functions that a model's code has no need of."""
_BUILT_IN = frozenset({"__import__", "eval", "exec"})
_PLACEHOLDER = "def _target_(): ..."


@dataclass(frozen=True, slots=True)
class Checked:
    """A block that may be run."""

    block: str
    """Unindented, the definition alone."""
    text: str
    """The whole file with it."""
    parameters: dict[str, Parameter]
    """Of its numbers, by name."""
    defaults: dict[str, Scalar]
    """The values they were written with."""
    shape: str
    """Hash of its tree (shape.py); that of the user's own block where it is the same."""


def check(text: str, target: Target, block: str, *, forbidden: Sequence[str] = FORBIDDEN) -> Checked:
    """The block as it goes into the file; whether it does anything new, its shape tells whoever knows the others.

    Args:
        text: the file that the target was found in.
        target: what the block is to replace.
        block: what a model wrote: the definition, the whole file with it, or the class around it.
        forbidden: modules ("socket"), their functions ("os.system") and built-in functions that the block may not use,
            but for those that the target uses already.

    Raises:
        BlockRefused: it breaks a rule.
    """
    try:
        block, tree = _definition(text, target, block)
        _check_interface(target, tree)
        _check_names(text, target, tree, forbidden)
        parameters, defaults = _numbers(block, target)
        return Checked(block, _placed(text, target, block), parameters, defaults, shape_of_tree(tree))
    except Unparsable as error:
        hint = f"; {HIDDEN} stands there for what looks like a key: call it something else" if HIDDEN in block else ""
        raise BlockRefused("unparsable", f"the code must be Python that parses, but {error}{hint}") from None


def _numbers(block: str, target: Target) -> tuple[dict[str, Parameter], dict[str, Scalar]]:
    """As `numbers_of`; none where the user, too, means something else by PARAMS, which no block could mend."""
    try:
        return numbers_of(block, target.kind)
    except BlockRefused:
        try:
            numbers_of(target.source, target.kind)
        except BlockRefused:
            return {}, {}
        raise


# -- what it is ------------------------------------------------------------------------------------


def _definition(text: str, target: Target, block: str) -> tuple[str, ast.Module]:
    """(the definition that is offered, unindented; its tree)."""
    if len(block) > MOST_CHARS:
        raise BlockRefused("too-long", f"code may have {MOST_CHARS:,} characters, but got {len(block):,}; write less")
    block = _unindented(tidy(block))
    tree = parse(block)
    if not tree.body:
        raise BlockRefused("no-code", f"{target.title} is to be written anew, but there is no statement; write it")
    if target.kind == "file":
        return block, tree
    if len(tree.body) == 1 and _is_meant(tree.body[0], target):
        return block, tree
    source = _taken_out(text, target, block)
    if source is None:
        raise _stray(text, target, tree)
    return source, parse(source)


def _is_meant(node: ast.stmt, target: Target) -> bool:
    return isinstance(node, Definition) and node.name == target.short_name and kind_of(node) == target.kind


def _taken_out(text: str, target: Target, block: str) -> str | None:
    """The definition out of a block that is the whole file, or a class around it, and changes nothing else there."""
    holder, dot, _ = target.name.partition(".")
    try:
        found = find_target(block, target.name)
        around = [text, find_target(text, holder).source] if dot else [text]
        rests = [_rest(whole, find_target(whole, target.name)) for whole in around]
    except TargetError:  # it is not in there, or the class around it is defined twice
        return None
    return found.source if found.kind == target.kind and _rest(block, found) in rests else None


def _rest(text: str, target: Target) -> str:
    """All but the target, as it reads to Python."""
    return ast.dump(parse(put(text, target, _PLACEHOLDER), most_chars=2 * MOST_FILE_CHARS))


def _stray(text: str, target: Target, tree: ast.Module) -> BlockRefused:
    """Why what stands there is not the target alone."""
    meant = [node for node in tree.body if _is_meant(node, target)]
    kind = f"the one {target.kind} {target.short_name}"
    if not meant:
        there = [f"the {kind_of(node)} {name}" for name, node in definitions(tree)][:10]
        told = f"but got {', '.join(there)}" if there else "but there is no definition"
        return BlockRefused("wrong-target", f"the code must be {kind}, {told}; answer with {kind} alone")
    if len(meant) > 1:
        return BlockRefused("wrong-target", f"the code must be {kind}, but defines it {len(meant)} times; leave one")
    there_already = {ast.dump(node) for node in parse(text, most_chars=MOST_FILE_CHARS).body}
    beside = [node for node in tree.body if node is not meant[0] and ast.dump(node) not in there_already]
    shown = "; ".join(ast.unparse(node).partition("\n")[0][:60] for node in beside[:3])
    more = f" and {len(beside) - 3} more" if len(beside) > 3 else ""
    told = f"has also: {shown}{more}" if beside else "has some of the file around it, too"
    return BlockRefused(
        "outside-target",
        f"the code must be {kind} and nothing beside it, but {told}; put what it needs, imports too, into its body",
    )


def _unindented(block: str) -> str:
    """A block without the indentation of its first line."""
    indent = block[: len(block) - len(block.lstrip(" \t"))]
    if not indent:
        return block
    try:
        rows = rows_in_strings(f"if True:\n{block}")  # so that what is indented can be read
    except (SyntaxError, ValueError, tokenize.TokenError):
        return block
    lines = block.split("\n")
    return "\n".join(line if row in rows else line.removeprefix(indent) for row, line in enumerate(lines, start=2))


# -- what it changes -------------------------------------------------------------------------------


def _check_interface(target: Target, tree: ast.Module) -> None:
    former = parse(target.source, most_chars=MOST_FILE_CHARS)
    if target.kind == "file":
        told = broken_file(former, tree)
    else:
        old, new = former.body[0], tree.body[0]
        assert isinstance(old, Definition) and isinstance(new, Definition)  # as the target was found, and the block
        told = broken_definition(old, new)
    if told:
        raise BlockRefused("changed-interface", told)


def _placed(text: str, target: Target, block: str) -> str:
    """The file with the block; what stands beside it is looked at once more."""
    whole = put(text, target, block)
    try:
        found = find_target(whole, target.name)
    except TargetError as error:
        raise BlockRefused("unparsable", f"the file with this code in it is no Python any more: {error}") from None
    if target.kind != "file" and _rest(whole, found) != _rest(text, target):
        raise BlockRefused("outside-target", f"nothing but {target.title} may change, but what stands beside it does")
    return whole


# -- what it uses ----------------------------------------------------------------------------------


def _check_names(text: str, target: Target, tree: ast.Module, forbidden: Sequence[str]) -> None:
    whole, former = parse(text, most_chars=MOST_FILE_CHARS), parse(target.source, most_chars=MOST_FILE_CHARS)
    own = {node.name for part in (whole, tree) for node in ast.walk(part) if isinstance(node, Definition)}
    barred = [name for name in forbidden if name not in own]
    aliases = _aliases(whole)
    allowed = set(_uses(former, barred, aliases))
    used = [name for name in dict.fromkeys(_uses(tree, barred, aliases | _aliases(tree))) if name not in allowed]
    if used:
        raise BlockRefused(
            "forbidden-import",
            f"code of a variant does without {', '.join(used[:10])}; leave it out (this is advice ahead of time: what "
            "such code can do is bounded by the sandbox it runs in, not by this rule)",
        )
    if target.kind != "file":
        moved = _globals(tree) - _globals(former)
        if moved:
            told = f"it declares `global {', '.join(sorted(moved))}`"
            raise BlockRefused("outside-target", f"nothing but {target.title} may change, but {told}; use locals")


def _globals(tree: ast.Module) -> set[str]:
    return {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}


def _uses(tree: ast.Module, forbidden: Sequence[str], aliases: dict[str, str]) -> Iterator[str]:
    """What of the forbidden is imported or named."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute | ast.Name):
            names = [_dotted(node, aliases)]
        for name in (name.removeprefix("builtins.") for name in names):
            yield from (entry for entry in forbidden if f"{name}.".startswith(f"{entry}."))


def _dotted(node: ast.expr, aliases: dict[str, str]) -> str:
    """What a chain of names stands for: "os.system" of `o.system` after `import os as o`; "" of any other."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return ""
    head = aliases.get(node.id)
    if head is None and (parts or node.id not in _BUILT_IN):
        return ""
    return ".".join([head or node.id, *reversed(parts)])


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Name -> the module, or the thing out of one, that an import binds to it."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found
