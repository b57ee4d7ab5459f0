from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from agenttune.errors import ModelError
from agenttune.models.local import loading


def load(place: Path | str, *, device: str = "cpu", dtype: str = "float32") -> loading.Loaded:
    return loading.load(str(place), device=device, dtype=dtype, say=lambda _: None)


def test_folder_is_loaded_and_told(tiny_llama: Path) -> None:
    said: list[str] = []
    info = loading.load(str(tiny_llama), device="auto", dtype="auto", say=said.append).info
    assert info.n_parameters > 1_000_000
    assert info.context_tokens == 4_096
    n_mb = {"float32": 4, "bfloat16": 2}[info.dtype]
    assert said[0] == "reading the tokenizer"
    assert said[-1] == f"reading weights of {n_mb} MB as {info.dtype} to {info.device}"


def test_wanted_dtype_is_taken(tiny_llama: Path) -> None:
    assert load(tiny_llama, dtype="bfloat16").model.dtype is torch.bfloat16


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("/nowhere/at/all", "there is no folder /nowhere/at/all"),
        ("./nowhere", "there is no folder ./nowhere"),
        ("/nowhere/model.gguf", "there is no file /nowhere/model.gguf"),
    ],
)
def test_missing_place_is_one_sentence(place: str, sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence) as caught:
        load(place)
    assert "agenttune models get smollm2" in str(caught.value)


def test_folder_without_a_model_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"has no config\.json"):
        load(tmp_path)


def test_pickled_weights_are_not_read(tiny_llama: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_llama, tmp_path / "pickled")
    (tmp_path / "pickled" / "model.safetensors").rename(tmp_path / "pickled" / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"no \*\.safetensors: other formats can hold code"):
        load(tmp_path / "pickled")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_damaged_file_is_one_sentence(tiny_llama: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(tiny_llama, tmp_path / "damaged")
    (tmp_path / "damaged" / name).write_bytes(b"\x00not what it was")
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        load(tmp_path / "damaged")
    assert "\n" not in str(caught.value)


def test_model_with_code_of_its_own_is_refused(tiny_llama: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_llama, tmp_path / "own")
    config = json.loads((tmp_path / "own" / "config.json").read_text())
    config |= {"model_type": "mine", "auto_map": {"AutoConfig": "mine.Config", "AutoModelForCausalLM": "mine.Model"}}
    (tmp_path / "own" / "config.json").write_text(json.dumps(config))
    (tmp_path / "own" / "mine.py").write_text("raise SystemExit('this must not run')")
    with pytest.raises(ModelError, match="code of its own"):
        load(tmp_path / "own")


def test_too_little_memory_is_told_before_loading(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "free_bytes", lambda device: 1_000_000)
    with pytest.raises(ModelError, match="needs about 5 MB in float32, and 1 MB of cpu is free"):
        load(tiny_llama)


def test_device_that_is_not_there_is_one_sentence(tiny_llama: Path) -> None:
    with pytest.raises(ModelError, match="no device is called 'gpu'"):
        load(tiny_llama, device="gpu")
    if not torch.cuda.is_available():
        with pytest.raises(ModelError, match="sees no cuda here"):
            load(tiny_llama, device="cuda")


def test_hub_without_a_network_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="nobody/nothing could not be had from the hub") as caught:
        load("nobody/nothing")
    assert caught.value.verdict == "unreachable"
    assert "\n" not in str(caught.value)


def test_weights_that_are_missing_are_not_made_up(tiny_llama: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    shutil.copytree(tiny_llama, tmp_path / "less")
    weights = load_file(tmp_path / "less" / "model.safetensors")
    fewer = {name: tensor for name, tensor in weights.items() if ".layers.1." not in name}
    save_file(fewer, tmp_path / "less" / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"lacks 9 of the model's weights, model\.layers\.1"):
        load(tmp_path / "less")


def test_folder_may_be_called_as_a_file_is(tiny_llama: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_llama, tmp_path / "odd.gguf")
    assert load(tmp_path / "odd.gguf").info.n_parameters > 1_000_000


def test_revision_of_the_hub_may_hold_a_slash() -> None:
    found = loading._found("org/name@refs/pr/1")
    assert (found.name, found.arguments["revision"]) == ("org/name", "refs/pr/1")
