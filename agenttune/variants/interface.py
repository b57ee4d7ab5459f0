"""What the rest of a program relies on in a part of it, and whether a block that is to replace the part keeps it.

A function keeps its parameters and decorators, a class its bases and public methods, a file its public names. Not for:
what the code does; nor for types, which nothing here can tell.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from agenttune.variants.target import Definition

PARAMS, RANGES = "PARAMS", "RANGES"
"""Names that a block may have or not (numbers.py)."""
_BINDING = frozenset("staticmethod classmethod property cached_property setter getter deleter".split())
"""Decorators that decide how a method is called."""
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def broken_definition(old: Definition, new: Definition) -> str | None:
    """What a new definition breaks of the old one, in a sentence; None where nothing is."""
    if _texts(old.decorator_list) != _texts(new.decorator_list):
        return f"the decorators of {old.name} stay as they are, which is {_listed(old.decorator_list)}"
    if isinstance(old, ast.ClassDef) and isinstance(new, ast.ClassDef):
        return _broken_class(old, new)
    assert isinstance(old, _Function) and isinstance(new, _Function)  # of one kind, as the caller has seen
    return _broken_function(old, new, old.name)


def broken_file(old: ast.Module, new: ast.Module) -> str | None:
    """The same of a whole file.

    Of a module these are all public names; of a script, which does its work at module level, its functions, its
    classes and what `__all__` lists: its variables are its own.
    """
    before, after = dict(_bound(old.body)), dict(_bound(new.body))
    wanted = [name for name, node in before.items() if _is_wanted(name, node, is_script=_is_script(old))]
    wanted += [name for name in _announced(old) if name in before and name not in wanted]
    missing = [name for name in wanted if name not in after]
    if missing:
        are, them = ("is", "it") if len(missing) == 1 else ("are", "them")
        return f"the file keeps its public names, but {', '.join(missing[:10])} {are} gone; put {them} back"
    for name in wanted:
        former, now = before[name], after[name]
        if isinstance(former, _Function):
            if not isinstance(now, _Function):
                return f"{name} stays a function, written with `def`"
            if told := _broken_function(former, now, name):
                return told
    return None


def _broken_class(old: ast.ClassDef, new: ast.ClassDef) -> str | None:
    if _texts(old.bases) != _texts(new.bases) or _keywords(old) != _keywords(new):
        bases = _listed([*old.bases, *(keyword.value for keyword in old.keywords)])
        return f"the bases of {old.name} stay as they are, which is {bases}"
    methods = {node.name: node for node in new.body if isinstance(node, _Function)}
    for node in old.body:
        if not isinstance(node, _Function) or (node.name.startswith("_") and not node.name.endswith("__")):
            continue
        title = f"{old.name}.{node.name}"
        if node.name not in methods:
            return f"the public methods of {old.name} stay, but {node.name} is gone; put it back as {_signature(node)}"
        if told := _broken_function(_last(old, node.name), methods[node.name], title):
            return told
        if _binding(_last(old, node.name)) != _binding(methods[node.name]):
            return f"{title} stays what it is: a method, a property, a static or a class method"
    return None


def _last(holder: ast.ClassDef, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """The definition that counts, of those of one name."""
    return [node for node in holder.body if isinstance(node, _Function) and node.name == name][-1]


def _broken_function(
    old: ast.FunctionDef | ast.AsyncFunctionDef, new: ast.FunctionDef | ast.AsyncFunctionDef, title: str
) -> str | None:
    if type(old) is not type(new):
        return f"{title} stays {'`async`' if isinstance(old, ast.AsyncFunctionDef) else 'without `async`'}"
    before, after = list(_parameters(old)), list(_parameters(new))
    if [entry[:2] for entry in before] != [entry[:2] for entry in after]:
        return f"the parameters of {title} stay, with their order: {_signature(old)}, but got {_signature(new)}"
    for (_, name, had), (_, _, has) in zip(before, after, strict=True):
        if had and not has:
            return f"the parameter {name} of {title} keeps a default, as callers may leave it out: {_signature(old)}"
    return None


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, str, bool]]:
    """(kind, name, whether it has a default) of each parameter."""
    arguments = node.args
    placed = [*arguments.posonlyargs, *arguments.args]
    n_required = len(placed) - len(arguments.defaults)
    for index, argument in enumerate(placed):
        kind = "positional" if index < len(arguments.posonlyargs) else "usual"
        yield kind, argument.arg, index >= n_required
    if arguments.vararg is not None:
        yield "*", arguments.vararg.arg, False
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield "keyword", argument.arg, default is not None
    if arguments.kwarg is not None:
        yield "**", arguments.kwarg.arg, False


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    text = f"{node.name}({ast.unparse(node.args)})"
    return text if len(text) <= 300 else f"{text[:299]}…"


def _binding(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    names = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return names & _BINDING


def _bound(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """(name, what binds it) of a module, also within `if`, `try` and loops; the last one of a name counts.

    What is bound only where the file is run, below `if __name__ == "__main__":`, is nobody else's.
    """
    stack: list[ast.AST] = [node for node in reversed(body) if not _is_main(node)]
    while stack:
        node = stack.pop()
        if isinstance(node, Definition):
            yield node.name, node
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], node
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                yield node.id, node
        elif not isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            stack += reversed(list(ast.iter_child_nodes(node)))


def _is_wanted(name: str, node: ast.AST, *, is_script: bool) -> bool:
    if name.startswith("_") or name in (PARAMS, RANGES) or isinstance(node, ast.Import | ast.ImportFrom):
        return False
    return isinstance(node, Definition) or not is_script


def _is_script(tree: ast.Module) -> bool:
    """Whether it does its work at module level."""
    return any(
        isinstance(node, ast.For | ast.While | ast.With)
        or (isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant))
        for node in tree.body
    )


def _is_main(node: ast.stmt) -> bool:
    """Whether it is `if __name__ == "__main__":`, without an `else`."""
    return isinstance(node, ast.If) and not node.orelse and ast.unparse(node.test) == "__name__ == '__main__'"


def _announced(tree: ast.Module) -> list[str]:
    """What `__all__` lists, where it is written out."""
    names: list[str] = []
    for node in tree.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.List | ast.Tuple):
            continue
        if any(isinstance(place, ast.Name) and place.id == "__all__" for place in node.targets):
            names += [str(entry.value) for entry in node.value.elts if isinstance(entry, ast.Constant)]
    return names


def _keywords(node: ast.ClassDef) -> list[tuple[str | None, str]]:
    return [(keyword.arg, ast.unparse(keyword.value)) for keyword in node.keywords]


def _texts(nodes: Sequence[ast.expr]) -> list[str]:
    return [ast.unparse(node) for node in nodes]


def _listed(nodes: Sequence[ast.expr]) -> str:
    return ", ".join(_texts(nodes))[:300] or "none"
