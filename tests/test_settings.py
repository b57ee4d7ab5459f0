"""Settings come from one file and the environment, and a mistake is told with the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenttune.budget import Budget
from agenttune.errors import SettingsError
from agenttune.settings import (
    Settings,
    cache_dir,
    default_store_path,
    load_settings,
    load_settings_with_sources,
    settings_path,
    settings_template,
    state_dir,
)


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


def test_what_can_be_fetched_again_lies_in_the_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_dir() == tmp_path / "agenttune"


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


def test_file_and_environment_name_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    path = write('model = "openai:a"\nlatency_s = 5')
    assert load_settings_with_sources() == (
        Settings(model="openai:a", latency_s=5.0),
        {"model": str(path), "latency_s": str(path)},
    )
    monkeypatch.setenv("AGENTTUNE_MODEL", "openai:b")
    settings, sources = load_settings_with_sources()
    assert (settings.model, sources["model"]) == ("openai:b", "AGENTTUNE_MODEL")


@pytest.mark.parametrize("device", ["auto", "cpu", "mps", "cuda", "cuda:12"])
def test_devices_of_models_of_this_machine(device: str) -> None:
    write(f'local_device = "{device}"')
    assert load_settings().local_device == device


def test_bounds_of_a_day_are_one_budget() -> None:
    write("max_dollars_per_day = 2\nmax_requests_per_day = 100\nmax_tokens_per_day = 0")
    assert load_settings().daily == Budget(tokens=0, dollars=2.0, requests=100)


@pytest.mark.parametrize(
    "text",
    [
        'model = ""',
        "model = 3",
        "latency_s = 0",
        "latency_s = nan",
        'latency_s = "5"',
        "latency_s = true",
        "max_dollars_per_day = -1",
        "max_dollars_per_day = inf",
        "max_requests_per_day = 1.5",
        "max_requests_per_day = true",
        "max_tokens_per_day = 10000000000000",
        'local_device = "gpu"',
        'local_device = "cuda:"',
        'local_device = "cuda:0\\n"',
        'local_dtype = "int8"',
        "local_idle_s = 0",
        "local_idle_s = inf",
    ],
)
def test_value_that_cannot_be_is_told_by_name(text: str) -> None:
    write(text)
    with pytest.raises(SettingsError, match=f"the setting `{text.split()[0]}` cannot be "):
        load_settings()


def test_mistake_does_not_show_a_key() -> None:
    write('latency_s = "sk-abcdEFGH12345678ijkl"')
    with pytest.raises(SettingsError, match=r"cannot be '\*\*\*'"):
        load_settings()


def test_template_sets_nothing_and_its_lines_are_settings() -> None:
    write(settings_template())
    assert load_settings() == Settings()
    uncommented = [line[2:] for line in settings_template().splitlines() if " = " in line]
    write("\n".join(uncommented))
    assert set(load_settings_with_sources()[1]) == set(Settings.model_fields)


def test_every_setting_is_documented() -> None:
    assert all(entry.description for entry in Settings.model_fields.values())
