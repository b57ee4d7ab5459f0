"""The command line of a sentence, set in backquotes as it was typed, before anything translates or tidies its words.

What belongs to a command for sure is told by signs alone (options, placeholders, paths, variables, redirections), in
any language; where a plain word beside it could belong to it, it is asked (`doubtful`). Not for: what the command runs
(programs.py).
"""

from __future__ import annotations

import re

from agenttune.objectives.command_line import placeholders
from agenttune.plan.harmless import FILLERS

STARTS = (
    r"(?:\./[\w./-]+|(?<![\w./])[\w-]+\.sh(?!\w)"
    r"|(?:python3?|torchrun|accelerate|deepspeed|mpirun|mpiexec|srun|uv|poetry|bash|sh|make|clang|gcc|g\+\+|cargo"
    r"|java"
    r"|node|deno|npx|npm|go|docker|podman|ninja|cmake|julia|Rscript|perl|ruby|php|ffmpeg)\s+\S+)"
)
"""How a command begins for sure."""
_TOOLS = (
    r"(?:(?:\.\./|~/|/)[\w./-]+|wrk2?|ab|hey|k6|siege|vegeta|redis-benchmark|memtier_benchmark|pgbench|sysbench"
    r"|mysqlslap|fio"
    r"|stress-ng|iperf3?|rustc|nvcc|zstd|xz|x26[45]|cwebp|blender|povray|locust|kubectl|psql|sqlite3)(?=\s+(?:-"
    r"|\S*\{))"
)
"""The same, where an option or a placeholder follows."""
_PREFIX = (
    r"(?:cd\s+[\w./~-]+\s*(?:&&|;)\s*)?"
    r"(?:(?:sudo|nohup|exec|env"
    r"|(?<!the )(?<!its )(?<!run )(?<!wall )(?<!execution )(?<!cpu )(?<!total )(?<!elapsed )time"
    r"|nice(?:\s+-n\s*-?\d+)?|taskset\s+-c\s+\S+|numactl(?:\s+-\S+)*|timeout\s+\d+[smh]?)\s+)*"
    r"(?:[A-Z_][A-Z0-9_]*=[^\s,;]+\s+)*"
)
_BEGINS = re.compile(rf"(?<![A-Za-z0-9_./~{{-]){_PREFIX}(?:{STARTS}|{_TOOLS})")
_VERBS = re.compile(r"(?:make|go)\s+(?=(?:\./|[\w./-]+\.(?:sh|py)(?!\w)))", re.IGNORECASE)
"""Starts of commands that are plain English before another one: "make ./bench.sh faster"."""
_QUOTES = (("`", "`"), ('"', '"'), ("'", "'"), ("“", "”"), ("„", "“"), ("«", "»"), ("»", "«"), ("「", "」"))
_STOPS = "，。；：！？、（）「」“”„«»`"
_TOKEN = re.compile(
    rf"(?:(?<=[\s=])\"[^\"\n]*\"|(?<=[\s=])'[^'\n]*'|\}}(?=[\u4e00-\u9fff])"
    rf"|[^\s\x00\"'{_STOPS}])+?(?=[\s\x00\"'{_STOPS}]|$|(?<=\}})[\u4e00-\u9fff])"
)
_ENDS = re.compile(
    r"minimi[sz]e|maximi[sz]e|for|with|to|in|on|until|stop|lower|higher|max|min|using|where|and|while|so|it|at"
    r"|but|or|by"
    r"|lowest|highest|trials?|runs?|over|from|between|the|und|mit|von|bis|auf|für|oder|et|avec|de|à|pour|ou|sur|y"
    r"|con|para|por|o|en",
    re.IGNORECASE,
)
"""Words behind which a sentence goes on."""
_UNIT = re.compile(
    r"(?:trials?|runs?|min\w*|h|hours?|s|sec\w*|workers?|gpus?|at|in|tries|evaluations?|days?)", re.IGNORECASE
)
_CLOSES = (
    r"(?=\s*(?:[,;:.!?)\n]|$|(?:and|then|to|with|for|where|which|that|prints?|gives?|reports?|outputs?|shows?|returns?"
    r"|emits?|writes?|should|must|is|has|so|in|on|by|(?:mini|maxi|opti)mi[sz]e|lower|raise|reduce|increase|tune)(?!\w)))"
)
"""What follows a word that ends a command; behind a verb of the sentence its object follows."""
_MOST_BETWEEN = 2
"""Plain words that may stand between two sure parts: "docker run --rm image serve {port}"."""


def in_backquotes(text: str, *, is_english: bool) -> str:
    """The text with its first command in backquotes; as it is where there is none, or one is quoted so already.

    Args:
        text: as it was typed.
        is_english: whether a plain word behind an option can be told from the sentence that goes on.
    """
    if re.search(rf"`[^`\n]*(?:{STARTS}|\{{[A-Za-z_]\w*\}})[^`\n]*`", text):
        return text
    for opening, closing in _QUOTES[1:]:
        inner = rf"[^{re.escape(opening + closing)}`\n]*"
        for match in re.finditer(rf"(?<![\w=])(?<!-c ){re.escape(opening)}({inner}){re.escape(closing)}(?!\w)", text):
            if _is_command(match[1].strip()):
                return f"{text[: match.start()]}`{match[1].strip()}`{text[match.end() :]}"
    for begins in _BEGINS.finditer(text):
        start = begins.start()
        if plain := _VERBS.match(text, start):
            start = plain.end()
        end = start + _length(text[start:], is_english=is_english)
        if _is_whole(text[start:end]):
            return f"{text[:start]}`{text[start:end]}`{text[end:]}"
    return text


def doubtful(text: str, unread: str, command: str, *, typed: str) -> tuple[str, ...]:
    """Plain words right before and behind a command that nobody read and that could belong to it.

    Args:
        text: the sentence, the command in backquotes.
        unread: the same with marks where words were read.
        command: the command.
        typed: the text as it was typed; what stood in quotes there has no doubtful end.
    """
    if re.search(rf"[`'\"“„«»「]\s*{re.escape(command)}\s*[`'\"”“«»」]", typed):
        return ()
    at = text.find(f"`{command}`")
    if at < 0:
        return ()
    end = at + len(command) + 2
    before, behind = (
        re.search(r"(\S*[^\s,;:.!?)\"])[ \t]+$", text[:at]),
        re.match(rf"[ \t]+([^\s,;:.!?)]+){_CLOSES}", text[end:]),
    )
    spans = [before.span(1)] if before else []
    spans += [(end + behind.start(1), end + behind.end(1))] if behind else []
    words = [text[first:last] for first, last in spans if unread[first:last] == text[first:last]]
    is_timed = re.search(r"(?<!\w)run\s+time[ \t]+$", text[:at]) is not None
    return tuple(word for word in words if _could_belong(word) or (is_timed and word == "time"))


# -- pieces ----------------------------------------------------------------------------------------


def _could_belong(word: str) -> bool:
    bare = word.strip(",;:.!?()\"'-–—").lower()
    return bool(bare) and bare not in FILLERS and not _ENDS.fullmatch(bare) and not re.search(r"(?:er|est|ly)$", bare)


def _is_command(words: str) -> bool:
    """Whether a quoted text is a command."""
    starts = _BEGINS.match(words) is not None and not re.fullmatch(r"\S+\.py", words)
    named = re.match(r"[\w./~]\S*\s", words) is not None and bool(placeholders([words]))
    return starts or named


def _is_whole(command: str) -> bool:
    """Whether it is a command; a script that is run without parameters is named as a script."""
    if command.endswith(".py"):
        return False
    return bool(placeholders([command])) or command.startswith("./") or command.endswith(".sh")


def _length(text: str, *, is_english: bool) -> int:
    """How much of a text that starts with a command is the command, for sure."""
    head = _BEGINS.match(text)
    n_head = head.end() if head else 0
    tokens = list(_TOKEN.finditer(text.split("\n")[0]))
    end, n_between = 0, 0
    for index, token in enumerate(tokens):
        bare = token[0].rstrip(",;:.!?")
        bare = bare.rstrip(")") if "(" not in bare else bare
        word = bare or token[0]
        behind = text[token.start() + len(word) :]
        following = tokens[index + 1][0] if index + 1 < len(tokens) else ""
        is_last = re.match(rf"[,;:.!?)\"'{_STOPS}]|\s*(?:\n|$)|[\u4e00-\u9fff]|\s+[\u4e00-\u9fff]", behind) is not None
        before = tokens[index - 1][0] if index else ""
        is_beside = end == tokens[index - 1].end() if index else True
        if token.start() < n_head or _is_sure(word, before, following, is_beside=is_beside):
            end, n_between = token.start() + len(word), 0
        elif _ENDS.fullmatch(word) or n_between == _MOST_BETWEEN:
            break
        elif is_beside and _is_value(word, before, following, is_last=is_last, is_english=is_english):
            end = token.start() + len(word)
        else:
            n_between += 1
        if re.match(rf"[,;:.!?)\"'{_STOPS}]", behind) and token.end() > n_head:
            break
    return end


def _is_sure(word: str, before: str, following: str, *, is_beside: bool) -> bool:
    """Whether a word belongs to the command that stands before it, with plain words between or without."""
    if "{" in word or re.match(r"-{1,2}[A-Za-z0-9]", word) or re.match(r"[A-Za-z_]\w*=\S", word):
        return True
    if word in ("&&", "||", "|"):
        return True
    if not is_beside:
        return False
    if re.fullmatch(r"\d+(?:\.\d+)?", word):
        after = following.rstrip(",;:.!?")
        is_value = before.startswith("-") and "=" not in before and not _UNIT.fullmatch(after)
        goes_on = re.match(r"-{1,2}[A-Za-z]|\S*\{|\d+$", after) is not None
        return is_value or goes_on or not after or (_ENDS.fullmatch(after) is not None and not _UNIT.fullmatch(after))
    if re.fullmatch(r"\d?>{1,2}&?\d?(?:/[\w./]+)?", word):
        return True
    if word == "--":
        return re.match(r"-|\S*\{", following) is not None
    is_path = re.match(r"\.{0,2}/|~/|\w+://", word) or re.search(r"\.[A-Za-z]\w*$", word)
    return bool(is_path) or before in ("&&", "||", "|", ">", ">>") or re.search(r"\w:\w", word) is not None


def _is_value(word: str, before: str, following: str, *, is_last: bool, is_english: bool) -> bool:
    """Whether a plain word is what the option before it is set to: "--mode fast, x 1 to 4"."""
    if not is_english or not re.match(r"-{1,2}[A-Za-z]", before) or "=" in before or "{" in before:
        return False
    return word.lower() not in FILLERS and (is_last or _ENDS.fullmatch(following.rstrip(",;:.!?")) is not None)
