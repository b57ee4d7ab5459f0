"""Settings come from one file and the environment, and a mistake is told with the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenttune.errors import SettingsError
from agenttune.settings import Settings, default_store_path, load_settings, settings_path, state_dir


def write(text: str) -> Path:
    path = settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_missing_file_means_the_defaults() -> None:
    assert load_settings() == Settings()


def test_store_lies_in_the_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_store_path() == tmp_path / "agenttune" / "agenttune.db"


@pytest.mark.parametrize("value", ["", "relative/folder"])
def test_state_folder_falls_back_to_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", value)
    assert state_dir() == tmp_path / ".local" / "state" / "agenttune"


def test_file_names_the_store(tmp_path: Path) -> None:
    write(f'store = "{tmp_path}/mine.db"')
    assert default_store_path() == tmp_path / "mine.db"


def test_home_is_written_as_a_tilde(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write('store = "~/mine.db"')
    assert default_store_path() == tmp_path / "mine.db"


def test_environment_overrides_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write('store = "/file.db"')
    monkeypatch.setenv("AGENTTUNE_STORE", "/environment.db")
    assert default_store_path() == Path("/environment.db")


def test_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTTUNE_STORE", "")
    assert load_settings() == Settings()


def test_typo_in_a_key_names_the_nearest() -> None:
    write('stroe = "/x.db"')
    with pytest.raises(SettingsError, match="no setting is called 'stroe'; did you mean 'store'"):
        load_settings()


def test_key_that_resembles_none_lists_them() -> None:
    write("colour = 1")
    with pytest.raises(SettingsError, match="there are 'store'"):
        load_settings()


def test_wrong_type_names_file_key_and_value() -> None:
    path = write("store = 3")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{path}: the setting `store` cannot be 3: ")


def test_broken_toml_names_the_line() -> None:
    write("store = \nx = 1")
    with pytest.raises(SettingsError, match=r"are not TOML: .*line 1"):
        load_settings()


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: path.write_bytes(b"\xff\xfe")])
def test_file_that_cannot_be_read_is_told(make: object) -> None:
    path = settings_path()
    path.parent.mkdir(parents=True)
    assert callable(make)
    make(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings()
