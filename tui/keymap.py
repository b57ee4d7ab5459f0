"""Every binding with its name and where it holds, and a person's own keys for them (the settings' table `[keys]`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import combinations

from textual.binding import Binding, BindingType

from agenttune.errors import SettingsError
from agenttune.tui.keys import key_as_bound, key_name, types_a_character, why_unusable
from agenttune.tui.screens.compare import CompareScreen
from agenttune.tui.screens.help import HelpScreen
from agenttune.tui.screens.main import MainScreen
from agenttune.tui.screens.picking import PickScreen
from agenttune.tui.screens.sheet import SheetScreen
from agenttune.tui.screens.trial import TrialScreen
from agenttune.tui.screens.variant import VariantScreen
from agenttune.tui.widgets.approval import ApprovalCard
from agenttune.tui.widgets.blocks import CallBlock
from agenttune.tui.widgets.log_view import LogView
from agenttune.tui.widgets.parameters import ParametersPanel
from agenttune.tui.widgets.prompt import Prompt
from agenttune.tui.widgets.question import QuestionCard
from agenttune.tui.widgets.transcript import Transcript
from agenttune.tui.widgets.trials import TrialsTable
from agenttune.tui.widgets.trust import TrustPanel
from agenttune.tui.widgets.variants import VariantsPanel

EVERYWHERE = (
    Binding("f1", "help", "Help", key_display="F1", id="help"),
    Binding("ctrl+p", "command_palette", "Find a command", priority=True, show=False, id="palette"),
    Binding("ctrl+q", "leave", "Quit", priority=True, show=False, id="quit"),
    Binding("ctrl+c", "copy_or_leave", "Copy what is selected; twice: quit", priority=True, show=False, id="copy"),
)
"""The application's own."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where some bindings hold, besides those of everywhere."""

    title: str
    bindings: tuple[Binding, ...]
    is_in_main: bool = False
    """Whether those of the main window hold, too."""


def _place(title: str, *bindings: Iterable[BindingType], is_in_main: bool = False) -> Place:
    found = tuple(binding for some in bindings for binding in some if isinstance(binding, Binding))
    return Place(title, found, is_in_main)


MAIN = _place("In the window", MainScreen.BINDINGS)
PROMPT = _place("In the prompt", Prompt.BINDINGS, is_in_main=True)
PLACES = (
    Place("Everywhere", EVERYWHERE),
    MAIN,
    PROMPT,
    _place("In the trials", TrialsTable.BINDINGS, is_in_main=True),
    _place("Among the variants of code", VariantsPanel.BINDINGS, is_in_main=True),
    _place("Among the parameters", ParametersPanel.BINDINGS, is_in_main=True),
    _place("In the view of trust", TrustPanel.BINDINGS, is_in_main=True),
    _place("In the log of a trial", LogView.BINDINGS, is_in_main=True),
    _place("On a call in the conversation", Transcript.BINDINGS, CallBlock.BINDINGS, is_in_main=True),
    _place("On a question", QuestionCard.BINDINGS),
    _place("On what waits for a yes", ApprovalCard.BINDINGS),
    _place("On one trial", TrialScreen.BINDINGS),
    _place("On one variant", VariantScreen.BINDINGS),
    _place(
        "On lists and other pages",
        PickScreen.BINDINGS,
        CompareScreen.BINDINGS,
        HelpScreen.BINDINGS,
        SheetScreen.BINDINGS,
    ),
)
BY_ID = {str(binding.id): binding for place in PLACES for binding in place.bindings}


def keymap_of(chosen: Mapping[str, str]) -> dict[str, str]:
    """The keymap for `App.set_keymap`.

    Args:
        chosen: id of a binding -> its key, or several with commas between.

    Raises:
        SettingsError: there is no such binding or key, or two bindings would share one.
    """
    keymap = {name: ",".join(_checked(name, written) for written in keys.split(",")) for name, keys in chosen.items()}
    for place in PLACES:
        main = MAIN.bindings if place.is_in_main else ()
        for one, other in combinations((*EVERYWHERE, *main, *place.bindings), 2):
            _check_apart(one, other, keymap)
    return _neighbours(keymap) | keymap


def groups_in_force(keymap: Mapping[str, str]) -> list[tuple[str, list[Binding]]]:
    """(place, its bindings with their keys in force), for the help."""
    return [
        (place.title, [replace(binding, key=_keys_in_force(binding, keymap)) for binding in place.bindings])
        for place in PLACES
    ]


def _keys_in_force(binding: Binding, keymap: Mapping[str, str]) -> str:
    return keymap.get(binding.id or "", binding.key)


def _keys(binding: Binding, keymap: Mapping[str, str]) -> set[str]:
    return set(_keys_in_force(binding, keymap).split(","))


def _neighbours(keymap: Mapping[str, str]) -> dict[str, str]:
    """Bindings on a key that another of their place gives up, on their own keys: Textual would take them off, too."""
    kept: dict[str, str] = {}
    for place in PLACES:
        given_up = {key for binding in place.bindings if binding.id in keymap for key in _keys(binding, {})}
        kept |= {str(binding.id): binding.key for binding in place.bindings if given_up & _keys(binding, {})}
    return kept


def _checked(name: str, written: str) -> str:
    if name not in BY_ID:
        near = get_close_matches(name, BY_ID, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "the help (F1) lists them"
        raise _mistake(f"no binding is called {name!r}; {hint}")
    key = key_as_bound(written)
    why = why_unusable(key)
    if why is None and types_a_character(key) and BY_ID[name] in (*EVERYWHERE, *PROMPT.bindings):
        why = "it writes a character in the prompt"
    if why is not None:
        raise _mistake(f"`{name}` cannot be on {written.strip()!r}: {why}; as in {name} = 'ctrl+t'")
    return key


def _check_apart(one: Binding, other: Binding, keymap: Mapping[str, str]) -> None:
    """Two bindings that share no key by default must not share one by choice."""
    if one.id == other.id or _keys(one, {}) & _keys(other, {}):
        return
    for key in _keys(one, keymap) & _keys(other, keymap):
        raise _mistake(f"`{one.id}` and `{other.id}` would both be on {key_name(key)}; give one of them another key")


def _mistake(sentence: str) -> SettingsError:
    from agenttune.settings import settings_path  # with pydantic, which the first paint does without

    return SettingsError(f"{settings_path()}, [keys]: {sentence}")
