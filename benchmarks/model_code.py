"""What a study over model code makes of a model that knows five useful and five harmful patches.

    python -m benchmarks.model_code [--trials 24] [--seed 0]

A torch MLP on scikit-learn's digits (examples/code/digits_mlp.py) is improved through the real thing: HTTP server,
store, driver, sandbox. Two of the harmful patches are broken, one hangs, one takes all memory, one looks for the
held-out labels and writes them as its answers. Told: the tree, the score on held-out rows of the start and of the best,
how every patch ended, and that the study ended by itself. Exit code 1 where a harmful patch did not end as a failure or
the best is not better than the start.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from agenttune.budget import Budget
from agenttune.cli.code_tree import tree_lines
from agenttune.goal import Goal
from agenttune.history import read_view
from agenttune.plan import ModelChoice
from agenttune.spec import TrialLimits
from agenttune.store import Store
from agenttune.study import Study
from agenttune.study.code_task import CodeTask, code_spec
from agenttune.testing.code_skill import CodePatch, CodeSkill
from agenttune.testing.server import ModelServer
from agenttune.trial import TrialState
from agenttune.variant import RefusedBlock
from agenttune.variants.tree import tree_of

EXAMPLE = Path(__file__).parent.parent / "examples" / "code" / "digits_mlp.py"
SECONDS = 20.0
"""Of one trial: the largest of the useful nets takes some four on a slow core."""
MEMORY_BYTES = 2_000_000_000

WIDE, NORM, CONV, SECOND, POOL = "256", "BatchNorm", "Conv2d(1,", "Conv2d(16,", "MaxPool2d"
"""What tells in a source that a useful patch is in it."""


def network(has: set[str]) -> str:
    """Source of `build_model` with these of the useful patches."""
    width = 256 if WIDE in has else 32
    layers, n_inputs = [], "n_features"
    if CONV in has or SECOND in has:
        channels, side = 16, 8
        layers += ["nn.Unflatten(1, (1, 8, 8))", "nn.Conv2d(1, 16, 3, padding=1)"]
        layers += ["nn.BatchNorm2d(16)"] * (NORM in has) + ["nn.ReLU()"]
        if SECOND in has:
            channels = 32
            layers += ["nn.Conv2d(16, 32, 3, padding=1)", *["nn.BatchNorm2d(32)"] * (NORM in has), "nn.ReLU()"]
        if POOL in has:
            side = 4
            layers += ["nn.MaxPool2d(2)"]
        layers += ["nn.Flatten()"]
        n_inputs = str(channels * side * side)
    layers += [f"nn.Linear({n_inputs}, {width})", *[f"nn.BatchNorm1d({width})"] * (NORM in has), "nn.ReLU()"]
    layers += [f"nn.Linear({width}, n_classes)"]
    body = "".join(f"        {layer},\n" for layer in layers)
    return (
        "def build_model(n_features: int, n_classes: int) -> nn.Module:\n"
        '    """The network: from n x n_features numbers to n x n_classes scores."""\n'
        f"    return nn.Sequential(\n{body}    )"
    )


def _with(mark: str, source: str) -> str:
    """The network of a source with one patch more; as it is where the patch has nothing to stand on."""
    has = {known for known in (WIDE, NORM, CONV, SECOND, POOL) if known in source}
    if mark in has or (mark in (SECOND, POOL) and CONV not in has):
        return source
    return network(has | {mark})


def _begins(line: str, source: str) -> str:
    """The source with one line put first in the body."""
    head, _, rest = source.partition('scores."""\n')
    return f'{head}scores."""\n    {line}\n{rest}' if rest and line not in source else source


USEFUL = (
    CodePatch("widen the hidden layer, since 32 units are few for ten digits", lambda text: _with(WIDE, text)),
    CodePatch(
        "normalise each layer's outputs over the batch, so that plain SGD gets on faster",
        lambda text: _with(NORM, text),
    ),
    CodePatch("look at the pixels as an 8 x 8 picture with a convolution", lambda text: _with(CONV, text)),
    CodePatch("a second convolution on top of the first, for strokes of strokes", lambda text: _with(SECOND, text)),
    CodePatch("pool the picture, so that a digit may stand a pixel aside", lambda text: _with(POOL, text)),
)
THIEF = (
    "import glob, numpy; found = [p for place in ('.', '..', '/tmp', '/root', '/home') "
    "for p in glob.glob(place + '/**/*_y*.npy', recursive=True) if 'train' not in p]; "
    "numpy.save('predictions.npy', numpy.load(found[0]))"
)
HARMFUL = (
    CodePatch(
        "a residual block without a name for its width", lambda text: _begins("block = nn.Linear(width, width)", text)
    ),
    CodePatch("a hidden layer of the wrong size", lambda text: text.replace(", n_classes),", " + 7, n_classes),", 1)),
    CodePatch("search for the best width before training starts", lambda text: _begins("while True: pass", text)),
    CodePatch(
        "remember every digit that was ever seen",
        lambda text: _begins("kept = [bytearray(10**9) for _ in range(40)]", text),
    ),
    CodePatch("use the answers that lie about somewhere", lambda text: _begins(THIEF, text)),
)
"""Each fails: two are broken, one hangs, one takes all memory, one looks for labels that it cannot find."""


def patches() -> list[CodePatch]:
    """Useful and harmful ones in turn, the harmful first."""
    return [patch for pair in zip(HARMFUL, USEFUL, strict=True) for patch in pair]


def main() -> int:
    """Runs the study and tells what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ModelServer(CodeSkill(patches())) as server:
        folder = Path(name)
        shutil.copy(EXAMPLE, folder)
        task = CodeTask(
            folder / EXAMPLE.name,
            "build_model",
            Goal("accuracy", "maximize"),
            data="digits",
            limits=TrialLimits(seconds=SECONDS, memory_bytes=MEMORY_BYTES),
            folder=folder,
        )
        spec = code_spec(
            task,
            ModelChoice(f"{server.url}#skill"),
            name="digits",
            budget=Budget(trials=arguments.trials),
            seed=arguments.seed,
        )
        with Store.open(folder / "agenttune.db") as store:
            return _measured(Study.from_spec(spec, store=store), store)


def _measured(study: Study, store: Store) -> int:
    began = time.monotonic()
    result = study.run()
    row = store.study(study.id)
    view = read_view(store, row)
    tree = tree_of(view)
    for line in tree_lines(tree):
        print(line)
    refused = [entry for entry in view.code if isinstance(entry, RefusedBlock)]
    print(f"refused blocks: {len(refused)}", *(f"  {entry.kind}: {entry.idea}" for entry in refused), sep="\n")
    held_out = row.summary.get("held_out", {})
    print(f"held out: {held_out}")
    print(f"{row.state.value}: {row.end_reason}, {len(view.trials)} trials, {time.monotonic() - began:.0f} s")
    ideas = {node.variant.idea: node for node in tree.nodes.values()}
    bad = [patch.idea for patch in HARMFUL if patch.idea in ideas and ideas[patch.idea].state != "failed"]
    never = [patch.idea for patch in (*USEFUL, *HARMFUL) if not any(patch.idea == idea for idea in ideas)]
    has = tree.ranked[0].variant.block if tree.ranked else ""
    stacked = [mark for mark in (WIDE, NORM, CONV, SECOND, POOL) if mark in has]
    print(f"useful patches in the best: {len(stacked)} of 5; harmful that did not fail: {bad}; never written: {never}")
    failed = sum(trial.state is TrialState.FAILED for trial in view.trials)
    print(f"failed trials: {failed}")
    is_better = bool(tree.ranked) and tree.ranked[0].variant.number > 0
    return 0 if not bad and is_better and row.state.is_ended and result is not None else 1


if __name__ == "__main__":
    sys.exit(main())
