"""Language models on this machine: speed, masks, legal replies, regret: `python -m benchmarks.local_models`.

Without arguments it measures a random Llama of 5 M parameters. `--smollm2 FOLDER` adds a real one of 135 M (`make
bench-local` fetches it), `--shapes FOLDER` random ones of the shape of .5 B and 1.5 B chat models, written there if
they are missing. `--gpu` measures the shapes on a CUDA device instead; without one it ends with code 2.

Speed is that of drawing replies: the prompt is read once before, and told for itself.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from agenttune.cli.console import table
from agenttune.errors import ModelError
from agenttune.models import Message, Sampling
from agenttune.models.local.engine import Engine
from agenttune.models.local.info import EngineInfo
from agenttune.replies.schema import reply_schema
from agenttune.testing.functions import Function
from agenttune.testing.tiny_llama import make_tiny_llama
from benchmarks import local_measures as measures

SHAPES = ("0.5b", "1.5b")
SPEED_TOKENS = 96
"""Of each reply whose speed is measured; slow models are cut there."""
PROMPT_TOKENS = 1_000
"""Of the prompt whose reading is shared."""
SHARED_TOKENS = 32
"""Of each reply after it."""
HELD_BACK_BYTES = 10**9
"""Memory beyond the weights that a device is left with, so that a large request does not fit."""

Row = dict[str, object]


class Printer:
    """Prints tables, or a JSON object a row."""

    def __init__(self, *, json: bool) -> None:
        self._json = json

    def section(self, title: str, rows: list[Row]) -> None:
        """One table; every row has the columns of the first."""
        if self._json:
            for row in rows:
                print(json.dumps({"section": title, **row}), flush=True)
            return
        headers = list(rows[0])
        print(f"\n{title}")
        for line in table(headers, [[str(row[name]) for name in headers] for row in rows]):
            print(f"  {line}", flush=True)


def main() -> int:
    """Measures what is asked for; 1 if replies with masks were illegal, 2 without the GPU that was asked for."""
    options = _options()
    if options.gpu and not torch.cuda.is_available():
        print(f"--gpu needs a CUDA device, but torch {torch.__version__} sees none here", file=sys.stderr)
        return 2
    if options.threads:
        torch.set_num_threads(options.threads)
    printer = Printer(json=options.json)
    n = 16 if options.quick else 200
    with contextlib.ExitStack() as stack:
        if options.gpu:
            folder = options.shapes or Path(stack.enter_context(tempfile.TemporaryDirectory()))
            return max(int(not on_gpu(printer, shape_in(folder, shape), n=n)) for shape in SHAPES)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        are_legal = [tiny(printer, folder / "tiny", n=n)] if options.only is None else []
        if options.smollm2 and options.only != "shapes":
            are_legal.append(real(printer, options.smollm2, options.gguf, n=n // 2, n_seeds=2 if options.quick else 10))
        if options.shapes and options.only != "smollm2":
            for shape in SHAPES:
                on_cpu(printer, shape_in(options.shapes, shape))
    return int(not all(are_legal))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.local_models",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--smollm2", type=Path, metavar="FOLDER", help="SmolLM2-135M-Instruct, converted")
    parser.add_argument("--gguf", type=Path, metavar="FILE", help="the same as GGUF, whose loading is timed")
    parser.add_argument("--shapes", type=Path, metavar="FOLDER", help="where the .5 B and 1.5 B shapes are, or go")
    parser.add_argument("--gpu", action="store_true", help="the shapes on a CUDA device")
    parser.add_argument("--only", choices=("smollm2", "shapes"), help="leave the rest out")
    parser.add_argument("--threads", type=int, metavar="N", help="of torch (default: its own choice)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the replies: whether it runs at all")
    parser.add_argument("--json", action="store_true", help="a JSON object a row, instead of tables")
    return parser.parse_args()


# -- on a CPU --------------------------------------------------------------------------------------


def tiny(printer: Printer, folder: Path, *, n: int) -> bool:
    """A random Llama: what masks cost where the model costs next to nothing, and that they hold it."""
    engine = loaded(make_tiny_llama(folder, hidden=256, layers=6))
    title = f"random Llama, {engine.info.n_parameters / 1e6:.1f} M parameters, {engine.info.dtype} on CPU"
    printer.section(f"{title}: speed", speed_rows(engine, (1, 8)))
    printer.section(f"{title}: 8 replies after one prompt", shared_rows(engine))
    return legal(printer, title, engine, n=n, n_free=n // 4)  # which take long, and are never legal


def real(printer: Printer, folder: Path, gguf: Path | None, *, n: int, n_seeds: int) -> bool:
    """SmolLM2: a language model that has read about hyperparameters."""
    title = "SmolLM2-135M-Instruct on CPU"
    places = [place for place in (folder, gguf) if place is not None]
    printer.section(f"{title}: loading", [load_row(place) for place in places])
    engine = loaded(folder)
    title += f" in {engine.info.dtype}"
    printer.section(f"{title}: speed", speed_rows(engine, (1, 8)))
    printer.section(f"{title}: 8 replies after one prompt", shared_rows(engine))
    is_legal = legal(printer, title, engine, n=n, n_free=n)
    rows = [regret_row(engine, name, function, n_seeds) for name, function in measures.NAMED.items()]
    printer.section(f"{title}: mean normalised regret of the first 10 candidates, {n_seeds} seeds", rows)
    return is_legal


def on_cpu(printer: Printer, folder: Path) -> None:
    """A random model of a real one's shape: loading and speed."""
    engine = loaded(folder)
    title = f"shape of {folder.name}, {engine.info.dtype} on CPU, loaded in {engine.info.load_s:.1f} s"
    printer.section(f"{title}: speed", speed_rows(engine, (1, 8)))


def load_row(place: Path) -> Row:
    """How long loading takes, the file being in memory; the process has torch already."""
    engine = loaded(place)
    info = engine.info
    return {"place": place.name, "load s": f"{info.load_s:.1f}", "dtype": info.dtype, "weights": _mb(info)}


def speed_rows(engine: Engine, sizes: tuple[int, ...]) -> list[Row]:
    """Speed with and without masks."""
    asked = measures.question(measures.CONDITIONAL, k=4)
    schema = reply_schema(measures.CONDITIONAL, measures.GOAL, k=4)
    n_prompt, reading_s = measures.read_s(engine, measures.marked(asked.prompt.messages))
    rows: list[Row] = []
    for n in sizes:
        free, held = (
            measures.speed(engine, asked.prompt.messages, held_to, n=n, tokens=SPEED_TOKENS)
            for held_to in (None, schema)
        )
        rows.append(
            {
                "n": n,
                "prompt": f"{n_prompt} tokens in {reading_s:.2f} s",
                "tokens/s without masks": f"{free.per_s:.1f}",
                "with masks": f"{held.per_s:.1f}",
                "CPU ms a token": f"{free.cpu_s / free.tokens * 1e3:.2f}, {held.cpu_s / held.tokens * 1e3:.2f}",
                "mask us": f"{held.mask_us:.0f}",
            }
        )
    return rows


def shared_rows(engine: Engine) -> list[Row]:
    """CPU seconds of 8 replies after one prompt: read for each, read once, known already."""
    messages = long_prompt(engine)
    n_prompt, _ = measures.read_s(engine, messages)
    ways = {
        "prompt read for each": [(measures.marked(messages), 1) for _ in range(8)],
        "prompt read once": [(measures.marked(messages), 8)],
        "prompt known from before": [(messages, 8)],
    }
    rows: list[Row] = []
    for way, requests in ways.items():
        measures.read_s(engine, messages)  # the caches of few prompts are kept, and other ways had others
        began = time.process_time()
        for asked, n in requests:
            ask(engine, asked, n)
        cpu_s = f"{time.process_time() - began:.2f}"
        rows.append(
            {"way": way, "CPU s": cpu_s, "prompt": f"{n_prompt} tokens", "replies": f"8 of {SHARED_TOKENS} tokens"}
        )
    return rows


def long_prompt(engine: Engine) -> tuple[Message, ...]:
    """A message of about `PROMPT_TOKENS` tokens, whatever the tokenizer makes of them."""
    text, times = "The learning rate was 0.01 and the loss fell. ", 10
    n, _ = measures.read_s(engine, ({"role": "user", "content": text * times},))
    return ({"role": "user", "content": text * round(times * PROMPT_TOKENS / n)},)


def ask(engine: Engine, messages: tuple[Message, ...], n: int) -> None:
    """One request whose replies are cut short."""
    measures.texts_of(engine, messages, None, Sampling(max_tokens=SHARED_TOKENS, n=n, seed=0, temperature=1.0))


def legal(printer: Printer, title: str, engine: Engine, *, n: int, n_free: int) -> bool:
    """Shares of legal replies, of `n` with masks and `n_free` without; whether all were that masks held."""
    held = measures.validity(engine, measures.CONDITIONAL, n=n, at_once=8, is_held=True)
    free = measures.validity(engine, measures.CONDITIONAL, n=n_free, at_once=8, is_held=False)
    rows: list[Row] = [
        {"replies": name, "legal as they are": f"{found.legal} of {found.n}", "usable": f"{found.usable} of {found.n}"}
        for name, found in (("with masks", held), ("without", free))
    ]
    printer.section(f"{title}: replies about 12 parameters, 5 of them conditional", rows)
    return held.legal == held.n


def regret_row(engine: Engine, name: str, function: Function, n_seeds: int) -> Row:
    """Mean over seeds."""
    pairs = [measures.regret_of_first(engine, function, n=10, seed=seed) for seed in range(n_seeds)]
    model, drawn = (sum(found) / n_seeds for found in zip(*pairs, strict=True))
    wins = sum(one < other for one, other in pairs)
    return {"function": name, "model": f"{model:.3f}", "random": f"{drawn:.3f}", "model better": f"{wins} of {n_seeds}"}


# -- on a GPU --------------------------------------------------------------------------------------


def on_gpu(printer: Printer, folder: Path, *, n: int) -> bool:
    """A random model of a real one's shape on a CUDA device; whether its replies were legal and its end was told."""
    torch.cuda.reset_peak_memory_stats()
    engine = loaded(folder, device="cuda")
    device = torch.cuda.get_device_name()
    title = f"shape of {folder.name}, {engine.info.dtype} on {device}, loaded in {engine.info.load_s:.1f} s"
    printer.section(f"{title}: speed", speed_rows(engine, (1, 8, 32)))
    is_legal = legal(printer, title, engine, n=n, n_free=n // 4)
    peak = torch.cuda.max_memory_allocated()
    sentence = out_of_memory(engine)
    rows: list[Row] = [{"weights": _mb(engine.info), "at most": f"{peak / 1e6:,.0f} MB", "too much": sentence}]
    printer.section(f"{title}: memory", rows)
    return is_legal and sentence != "was not refused"


def out_of_memory(engine: Engine) -> str:
    """What is said of a request that the device cannot hold; the next one must be answered."""
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_allocated() + HELD_BACK_BYTES) / total)
    messages = measures.question(measures.CONDITIONAL, k=1).prompt.messages
    told = "was not refused"
    try:
        engine.complete(messages, sampling=Sampling(n=4_096, max_tokens=SHARED_TOKENS))
    except ModelError as error:
        told = str(error)
    torch.cuda.set_per_process_memory_fraction(1.0)
    ask(engine, messages, 1)
    return told


# -- models ----------------------------------------------------------------------------------------


def loaded(place: Path, *, device: str = "cpu") -> Engine:
    """The model of a folder or file."""
    return Engine.load(str(place), device=device)


def shape_in(folder: Path, shape: str) -> Path:
    """The folder of a shape, made if it is missing by a process of its own: memory it took would count here."""
    place = folder / shape
    if not (place / "config.json").is_file():
        subprocess.run([sys.executable, "-m", "benchmarks.shapes", shape, str(place)], check=True, stdout=sys.stderr)
    return place


def _mb(info: EngineInfo) -> str:
    return f"{info.memory_bytes / 1e6:,.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
