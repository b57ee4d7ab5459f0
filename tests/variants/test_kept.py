"""Variants as files of a study."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenttune.errors import ObjectiveError
from agenttune.variants.kept import KeptVariant, keep_variant, kept_variant


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    variant = KeptVariant("import x\n\ndef f():\n    return 'é'\n", "def f():\n    return 'é'\n", "f")
    keep_variant(tmp_path / "variants", "v3", variant)
    assert kept_variant(tmp_path / "variants", "v3") == variant


def test_a_missing_variant_is_named(tmp_path: Path) -> None:
    with pytest.raises(ObjectiveError, match=r"variant 'v4' in .* cannot be read"):
        kept_variant(tmp_path, "v4")


@pytest.mark.parametrize("about", ["{", "[]", '{"block": ""}'])
def test_damaged_files_are_told(tmp_path: Path, about: str) -> None:
    keep_variant(tmp_path, "v1", KeptVariant("x = 1"))
    (tmp_path / "v1.json").write_text(about)
    with pytest.raises(ObjectiveError, match="cannot be read"):
        kept_variant(tmp_path, "v1")
