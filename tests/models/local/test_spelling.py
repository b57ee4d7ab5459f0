"""What `hf:...` may name."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenttune.errors import UserError
from agenttune.models import load_model
from agenttune.models.local.spelling import place_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a model, within the current one."""
    path = tmp_path / "models" / "tiny"
    path.mkdir(parents=True)
    (path / "config.json").touch()
    (path / "tiny.gguf").touch()
    monkeypatch.chdir(tmp_path)
    return path


@pytest.mark.parametrize("spelled", ["models/tiny", "./models/tiny", "models/tiny/", "models/../models/tiny"])
def test_ways_to_spell_a_folder_name_the_same_one(folder: Path, spelled: str) -> None:
    assert place_of(f"hf:{spelled}") == str(folder)


def test_home_folder_may_be_spelled_with_a_tilde(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder.parent))
    assert place_of("hf:~/tiny") == str(folder)


def test_gguf_file_is_a_model(folder: Path) -> None:
    assert place_of("hf:models/tiny/tiny.gguf") == str(folder / "tiny.gguf")


def test_model_of_the_hub_is_its_name() -> None:
    assert place_of("hf:HuggingFaceTB/SmolLM2-135M-Instruct") == "HuggingFaceTB/SmolLM2-135M-Instruct"


def test_model_of_the_hub_may_be_named_with_its_revision() -> None:
    assert (
        place_of("hf:HuggingFaceTB/SmolLM2-135M-Instruct@refs/pr/1") == "HuggingFaceTB/SmolLM2-135M-Instruct@refs/pr/1"
    )


def test_spelling_is_kept_as_written(folder: Path) -> None:
    model = load_model("hf:./models/tiny")
    assert model.spec == "hf:./models/tiny"
    assert model.is_local


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("hf:", "lacks the model"),
        ("hf:./nowhere", "names nothing that is there"),
        ("hf:nowhere.gguf", "names nothing that is there"),
        ("hf:smollm2", "models of the Hub are spelled hf:org/name"),
        ("hf:a/b/c", "there is no folder"),
        ("hf:org/name@", "hf:org/name@REVISION"),
        ("hf:./models", "holds no model"),
        ("hf:./models/tiny/config.json", "is no .gguf"),
        ("hf:org/name\n", "control character"),
        ("hf:org/sk-planted0123456789abcdef", "must hold no key"),
    ],
)
def test_spelling_that_names_no_model_is_refused_in_a_sentence(folder: Path, spec: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        load_model(spec)
    assert "\n" not in str(caught.value)


def test_folder_of_gguf_files_says_how_to_name_one(folder: Path) -> None:
    (folder / "config.json").unlink()
    with pytest.raises(UserError, match=r"name its file, as in hf:models/tiny/tiny\.gguf"):
        load_model("hf:models/tiny")
