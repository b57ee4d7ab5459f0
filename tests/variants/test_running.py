"""One run of a variant in the sandbox, for real."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from agenttune.sandbox import Limits
from agenttune.variants.running import Confinement, Inputs, VariantRun, output_tail, run_entry, run_script
from agenttune.variants.work_folder import make_work_folder

CONFINED = Confinement(Limits(seconds=20, memory_bytes=400_000_000))
INPUTS = Inputs(np.arange(6.0).reshape(3, 2), np.array([0, 1, 1]), np.arange(8.0).reshape(4, 2), n_classes=2)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    made = tmp_path / "workspace"
    made.mkdir()
    (made / "near.py").write_text("SHIFT = 10\n")
    (made / "numbers.txt").write_text("4 5\n")
    return made


def predicted(workspace: Path, text: str, *, confinement: Confinement = CONFINED, seed: int = 5) -> VariantRun:
    work = make_work_folder(workspace.parent / "work", workspace=workspace, file="model.py", text=text)
    return run_entry(work, INPUTS, file="model.py", entry_name="fit_predict", seed=seed, confinement=confinement)


def scripted(workspace: Path, text: str) -> VariantRun:
    work = make_work_folder(workspace.parent / "work", workspace=workspace, file="train.py", text=text, with_links=True)
    return run_script(
        work, ["python", "train.py"], environment={"SAID": "yes"}, result_name="result.json", confinement=CONFINED
    )


def test_predictions_come_back(workspace: Path) -> None:
    ran = predicted(
        workspace,
        "import near\ndef fit_predict(train_x, train_y, new_x):\n"
        "    return new_x.sum(axis=1) + train_x.sum() + train_y.sum() + near.SHIFT",
    )
    assert ran.predictions is not None
    assert ran.predictions.tolist() == [28.0, 32.0, 36.0, 40.0]


def test_whoever_takes_a_seed_gets_it_and_the_rest_is_seeded(workspace: Path) -> None:
    ran = predicted(
        workspace,
        "import random, numpy\ndef fit_predict(train_x, train_y, new_x, seed=0):\n"
        "    return [seed, random.random(), numpy.random.rand(), hash('a') % 1000]",
    )
    np.random.seed(5)
    assert ran.predictions is not None
    assert ran.predictions[0] == 5
    assert ran.predictions[2] == np.random.rand()


def test_the_same_seed_predicts_the_same(workspace: Path, tmp_path: Path) -> None:
    text = "import random\ndef fit_predict(a, b, c):\n    return [random.random(), hash('a') / 1e9, hash('b') / 1e9, 0]"
    first = predicted(workspace, text)
    (tmp_path / "work").rename(tmp_path / "before")
    again = predicted(workspace, text)
    assert first.predictions is not None and again.predictions is not None
    assert first.predictions.tolist() == again.predictions.tolist()


def test_a_crash_tells_the_codes_own_frames(workspace: Path) -> None:
    ran = predicted(workspace, "def fit_predict(a, b, c):\n    return 1 / 0")
    assert ran.failure is not None
    assert ran.failure.kind == "crash"
    assert str(ran.failure) == "the code ended with exit code 1: ZeroDivisionError: division by zero"
    assert ran.failure.detail is not None
    assert 'File "model.py", line 2, in fit_predict' in ran.failure.detail
    assert "entry.py" not in ran.failure.detail


def test_a_file_without_the_function_says_what_it_must_define(workspace: Path) -> None:
    ran = predicted(workspace, "fit = 1")
    assert "model.py must define fit_predict(train_x, train_y, new_x)" in str(ran.failure)


def test_an_endless_loop_is_a_timeout(workspace: Path) -> None:
    ran = predicted(
        workspace, "def fit_predict(a, b, c):\n    while True: pass", confinement=Confinement(Limits(seconds=1.5))
    )
    assert ran.failure is not None
    assert (ran.failure.kind, str(ran.failure)) == ("timeout", "the code was ended: it ran longer than 1.5 s")


def test_ten_gigabytes_are_out_of_memory(workspace: Path) -> None:
    ran = predicted(
        workspace, "import numpy\ndef fit_predict(a, b, c):\n    return [numpy.ones(10**8) for _ in range(13)]"
    )
    assert ran.failure is not None
    assert ran.failure.kind == "oom"


def test_pythons_own_memory_error_is_out_of_memory(workspace: Path) -> None:
    ran = predicted(workspace, "def fit_predict(a, b, c):\n    raise MemoryError('too much')")
    assert ran.failure is not None
    assert ran.failure.kind == "oom"


def test_too_many_processes_are_a_crash(workspace: Path) -> None:
    text = "import os, time\ndef fit_predict(a, b, c):\n    os.fork(); os.fork(); os.fork(); time.sleep(30)"
    ran = predicted(workspace, text, confinement=Confinement(Limits(seconds=20, n_processes=4)))
    assert ran.failure is not None
    assert (ran.failure.kind, str(ran.failure)) == ("crash", "the code was ended: it started more than 4 processes")


def test_no_predictions_are_told_with_what_was_printed(workspace: Path) -> None:
    ran = predicted(workspace, "import os\ndef fit_predict(a, b, c):\n    print('done', flush=True); os._exit(0)")
    assert ran.failure is not None
    assert "handed back no 'predictions.npy'" in str(ran.failure)
    assert ran.failure.detail == "done"


def test_secrets_are_taken_out_of_a_traceback(workspace: Path) -> None:
    ran = predicted(workspace, "def fit_predict(a, b, c):\n    raise ValueError('sk-abcdefgh' + str(11 * 11) * 4)")
    assert ran.failure is not None
    assert "121121" not in f"{ran.failure}{ran.failure.detail}"


def test_a_tail_is_bounded() -> None:
    tail = output_tail("\n".join(f"{number} " + "x" * 1_000 for number in range(100)))
    assert len(tail.splitlines()) == 20
    assert len(tail) < 7_000


def test_a_script_reads_what_stands_beside_it(workspace: Path) -> None:
    ran = scripted(workspace, "import os, near\nprint(open('numbers.txt').read(), near.SHIFT, os.environ['SAID'])")
    assert ran.failure is None
    assert ran.tail.split() == ["4", "5", "10", "yes"]


def test_a_script_cannot_write_what_it_may_read(workspace: Path) -> None:
    ran = scripted(workspace, "open('numbers.txt', 'w')")
    assert ran.failure is not None
    assert "numbers.txt" in str(ran.failure)
    assert (workspace / "numbers.txt").read_text() == "4 5\n"


def test_a_scripts_result_file_comes_back(workspace: Path) -> None:
    assert scripted(workspace, "open('result.json', 'w').write('1')").result == b"1"


def test_a_result_that_is_a_link_is_none(workspace: Path) -> None:
    text = f"import os; os.symlink({str(workspace / 'numbers.txt')!r}, 'result.json')"
    assert scripted(workspace, text).result is None


def test_a_script_sees_this_python(workspace: Path) -> None:
    assert scripted(workspace, "import sys; print(sys.prefix)").tail == sys.prefix
