"""POSIX locks belong to the process: opening a store twice in one must not take the first one's locks away."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from agenttune import Float, Goal, Space
from agenttune.spec import StudySpec
from agenttune.store import Store

SEND = "import sys; from agenttune.store import Store; Store.open(sys.argv[1]).send(sys.argv[2], 'pause')"


def test_a_store_sees_what_others_write_after_a_second_one_was_opened_here(tmp_path: Path) -> None:
    path = tmp_path / "agenttune.db"
    spec = StudySpec("study", Space(x=Float(0.0, 1.0)), Goal("score", "maximize"), {"type": "told"})
    with Store.open(path) as first:
        study_id = first.create_study(spec).id
        assert first.take_controls(study_id) == []
        Store.open(path).close()
        subprocess.run([sys.executable, "-c", SEND, str(path), study_id], check=True, timeout=60)
        assert [kind for _, kind, _ in first.take_controls(study_id)] == ["pause"]
