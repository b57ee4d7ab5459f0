"""`agenttune tune`: from a sentence to a tuned model, and every way to get it wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from agenttune.store import Store

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]


pytestmark = pytest.mark.slow


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A CSV file of numbers, categories and missing values."""
    lines = ["length,colour,kind,always"]
    for at in range(60):
        kind = "long" if at % 2 else "short"
        length = "" if at % 10 == 0 else str(at % 7 + (10 if at % 2 else 0))
        lines.append(f"{length},{'red' if at % 3 else 'blue'},{kind},same")
    path = tmp_path / "animals.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def refusal(capsys: Output) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = [line for line in captured.err.splitlines() if line.startswith("agenttune: ")]
    assert captured.err.endswith(line + "\n")
    return line


@pytest.mark.parametrize(
    ("words", "culprit"),
    [
        (["tune an SVM on digits, please frobnicate_it"], "frobnicate_it"),
        (["tune an SVM", "--data", "nowhere.csv", "--target", "kind"], "nowhere.csv"),
        (["tune an SVM", "--data", "empty.csv", "--target", "kind"], "empty.csv"),
        (["tune an SVM", "--data", "animals.csv", "--target", "kinds"], "kinds"),
        (["tune an SVM", "--data", "animals.csv", "--target", "always"], "always"),
        (["tune an SVM on digits for accuracy with C between 10 and 1"], "10"),
        (["tune an SVM on digits for accuracy and f1"], "f1"),
    ],
)
def test_bad_request_is_one_sentence_and_nothing_is_made(
    words: list[str], culprit: str, table: Path, store_path: Path, agenttune: Run, capsys: Output,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(table.parent)
    Path("empty.csv").write_text("")
    before = sorted(table.parent.iterdir())
    assert agenttune("tune", *words, "--yes") == 2
    assert culprit in refusal(capsys)
    assert sorted(table.parent.iterdir()) == before


def test_question_without_a_terminal_is_bad_input(store_path: Path, agenttune: Run, capsys: Output) -> None:
    assert agenttune("tune", "tune k-NN on iris") == 2
    assert "--yes" in refusal(capsys)
    assert not store_path.exists()


def test_store_that_cannot_be_written_is_bad_input(tmp_path: Path, capsys: Output) -> None:
    from agenttune.cli import main

    (tmp_path / "file").write_text("")
    assert main(["tune", "tune k-NN on iris", "--yes", "--store", str(tmp_path / "file" / "s.db")]) == 2
    assert "file is a file" in refusal(capsys)


def test_name_that_is_taken_is_bad_input(
    make_study: Callable[..., object], store: Store, agenttune: Run, capsys: Output
) -> None:
    make_study("mine")
    assert agenttune("tune", "tune k-NN on iris", "--yes", "--name", "mine") == 2
    assert "mine" in refusal(capsys)
    assert len(store.studies()) == 1


def test_csv_with_gaps_and_words_is_tuned_and_judged_on_unseen_rows(table: Path, store_path: Path) -> None:
    script = (
        "import sys; from agenttune.cli import main; code = main(sys.argv[2:]); "
        "open(sys.argv[1], 'w').write(' '.join(sys.modules)); sys.exit(code)"
    )
    words = ["tune", "tune k-NN for accuracy, 2 trials", "--data", "animals.csv", "--target", "kind"]
    words += ["--yes", "--json", "--workers", "2", "--seed", "1", "--store", str(store_path)]
    words += ["--proposer", "random"]  # the driver of another would load scipy meanwhile
    ran = subprocess.run(
        [sys.executable, "-c", script, "modules", *words], capture_output=True, text=True, cwd=table.parent, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.startswith("understood ")
    events = [json.loads(line) for line in ran.stdout.splitlines()]
    assert events[0] == {"event": "StudyChanged", "state": "new", "reason": None} | events[0]
    result = events[-1]
    assert result["event"] == "Result" and result["n_complete"] == 2
    assert result["held_out"]["metric"] == "accuracy" and 0 <= result["held_out"]["best"] <= 1
    assert Path(result["plot"]).read_bytes().startswith(b"\x89PNG")
    loaded = set((table.parent / "modules").read_text().split())  # scikit-learn itself imports rich
    assert not loaded & {"agenttune.cli.live", "textual", "torch", "optuna"}


@pytest.mark.long
def test_question_on_a_terminal_is_answered_there(store_path: Path) -> None:
    words = ["-m", "agenttune", "tune", "tune k-NN on iris, 2 trials", "--seed", "1", "--store", str(store_path)]
    environment = os.environ | {"TERM": "xterm"}
    terminal = pexpect.spawn(
        sys.executable, words, encoding="utf-8", dimensions=(24, 100), timeout=100, env=environment
    )
    terminal.expect(r"understood .*start\? \[Y/n\] ")
    terminal.sendline("n")
    terminal.expect("nothing was started")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
    assert not store_path.exists()
    terminal = pexpect.spawn(
        sys.executable, words, encoding="utf-8", dimensions=(24, 100), timeout=100, env=environment
    )
    terminal.expect(r"start\? \[Y/n\] ")
    terminal.sendline("")
    terminal.expect("#.*arm.*accuracy.*best.*why")
    terminal.expect("finished +2 trials done")
    terminal.expect("held out +accuracy")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    words = [sys.executable, "-m", "agenttune", "export", "--format", "python", "--store", str(store_path)]
    snippet = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert "from sklearn.neighbors import KNeighborsClassifier\n" in snippet
    scope: dict[str, object] = {}
    exec(snippet, scope)
    assert type(scope["model"]).__name__ == "KNeighborsClassifier"
