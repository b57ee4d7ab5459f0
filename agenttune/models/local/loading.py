"""Loads a causal language model and its tokenizer from a folder, the hub or a GGUF file, for the device that is there.

Weights are only ever read as data: no code of a model's own repository is run, and of weight formats only
safetensors and GGUF are taken. Whatever goes wrong is one sentence with the way out.
"""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_logging

from agenttune.errors import ModelError
from agenttune.models.local.info import EngineInfo
from agenttune.models.local.spelling import HUB_NAME
from agenttune.models.reading import brief
from agenttune.types import Json

Say = Callable[[str], None]

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
SAFE = {"trust_remote_code": False}
HEADROOM = 1.15
"""Memory that must be free, in sizes of the weights: buffers while they are read, and a first prompt."""
GGUF_FACTOR = 7.5
"""Bytes of a GGUF file of four bits a weight become so many when unpacked to 32 bits, measured on SmolLM2 (3.1 GB peak
of 92 MB hold two copies for a moment)."""
TIMED_S = 0.1
"""CPU seconds that each dtype is timed for."""
PRODUCTS = 4
"""Of a token with weights as large as the largest, in a layer; and the tokens that it attends to while timed."""
SEEN_TOKENS = 1_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an engine works with."""

    model: Any
    """A `PreTrainedModel` in evaluation mode."""
    tokenizer: Any
    """Its `PreTrainedTokenizerBase`."""
    info: EngineInfo


def load(place: str, *, device: str, dtype: str, say: Say) -> Loaded:
    """The model at that place, ready to be asked.

    Args:
        place: a folder, a file that ends in .gguf, or the name of a model on the hub, with `@REVISION` if wanted.
        device: "auto", "cpu", "cuda", "cuda:1" or "mps".
        dtype: "auto", "float32", "bfloat16" or "float16".
        say: hears what is under way.

    Raises:
        ModelError: it cannot be loaded.
    """
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    started = time.monotonic()
    found = _found(place)
    target = _device(device)
    try:
        say("reading the tokenizer")
        config = AutoConfig.from_pretrained(found.name, **found.arguments)
        tokenizer = AutoTokenizer.from_pretrained(found.name, **found.arguments)
        chosen = _dtype(dtype, target, config)
        needed = found.weight_bytes(chosen)
        if (
            dtype == "auto"
            and chosen is torch.float32
            and needed is not None
            and needed * HEADROOM > free_bytes(target)
        ):
            chosen, needed = torch.bfloat16, needed // 2
        _require_memory(place, needed, target, chosen)
        size = "" if needed is None else f" of {spell_bytes(needed)}"
        say(f"reading weights{size} as {_name(chosen)} to {target}")
        model = _model(found, config, target, chosen)
    except ModelError:
        raise
    except (MemoryError, torch.OutOfMemoryError):
        raise too_little_memory(place, target) from None
    except Exception as error:  # noqa: BLE001  # transformers, the hub, safetensors, gguf: of no one tree
        raise _sentence(place, found, error) from None
    model.eval()
    revision = getattr(config, "_commit_hash", None) or found.arguments.get("revision")
    info = EngineInfo(
        name=place,
        revision=None if revision is None else str(revision),
        device=str(target),
        dtype=_name(model.dtype),
        n_parameters=model.num_parameters(),
        context_tokens=_context_tokens(config, tokenizer),
        memory_bytes=model.get_memory_footprint(),
        load_s=time.monotonic() - started,
    )
    return Loaded(model, tokenizer, info)


def spell_bytes(n: float) -> str:
    """Bytes for people: "1.3 GB"."""
    return f"{n / 1e9:.1f} GB" if n >= 1e9 else f"{n / 1e6:.0f} MB"


def free_bytes(device: torch.device) -> int:
    """Memory of the device that is free."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)


def too_little_memory(what: str, device: torch.device) -> ModelError:
    """Memory ran out although the estimate said that it would not."""
    return ModelError(
        f"the memory of {device} does not hold {what} ({spell_bytes(free_bytes(device))} free): take a smaller model, "
        "a smaller dtype (local_dtype in the settings), fewer samples, or close what else uses it"
    )


# -- where it is -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    """What `from_pretrained` is given."""

    name: str
    arguments: Mapping[str, Any]
    folder: Path | None
    gguf: Path | None = None

    def weight_bytes(self, dtype: torch.dtype) -> int | None:
        """Of the weights in memory; None where it is not known before they are read."""
        if self.gguf is not None:
            return int(self.gguf.stat().st_size * GGUF_FACTOR * dtype.itemsize / 4)
        if self.folder is None:
            return None
        stored = _stored_dtype(self.folder)
        on_disk = sum(path.stat().st_size for path in self.folder.glob("*.safetensors"))
        return int(on_disk * dtype.itemsize / stored.itemsize)


def _found(place: str) -> _Found:
    path = Path(place).expanduser()
    if place.endswith(".gguf") and not path.is_dir():
        if not path.is_file():
            raise ModelError(f"there is no file {path}; `agenttune models get smollm2` fetches a small model")
        missing = [name for name in ("gguf", "accelerate") if importlib.util.find_spec(name) is None]
        if missing:
            raise ModelError(
                f"a .gguf file needs the package{'s' if len(missing) > 1 else ''} {' and '.join(missing)}: "
                "pip install 'agenttune[gguf]'"
            )
        arguments = {**SAFE, "gguf_file": path.name, "local_files_only": True}
        return _Found(str(path.parent), arguments, path.parent, path)
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise ModelError(f"{path} is no model folder: it has no config.json")
        if not any(path.glob("*.safetensors")):
            raise ModelError(
                f"{path} has no *.safetensors: other formats can hold code that runs when they are read; "
                "save the model with save_pretrained"
            )
        return _Found(str(path), {**SAFE, "local_files_only": True}, path)
    if not HUB_NAME.fullmatch(place):
        raise ModelError(
            f"there is no folder {place}; spell a model hf:FOLDER, hf:FILE.gguf or hf:ORGANISATION/NAME, or fetch a "
            "small one with `agenttune models get smollm2`"
        )
    name, _, revision = place.partition("@")
    return _Found(name, {**SAFE, **({"revision": revision} if revision else {})}, None)


def _stored_dtype(folder: Path) -> torch.dtype:
    try:
        config: dict[str, Json] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except ValueError:
        return torch.float32
    stored = str(config.get("dtype") or config.get("torch_dtype") or "float32")
    return DTYPES.get(stored, torch.float32)


# -- device and dtype ------------------------------------------------------------------------------


def _device(wanted: str) -> torch.device:
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError:
        raise ModelError(f"no device is called {wanted!r}: local_device is auto, cpu, cuda, cuda:1 or mps") from None
    is_there = device.type == "cpu"
    if device.type == "cuda":
        is_there = torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()
    elif device.type == "mps":
        is_there = torch.backends.mps.is_available()
    if not is_there:
        raise ModelError(
            f'torch {torch.__version__} sees no {wanted} here; set local_device = "auto", or install a torch that '
            "is built for it (docs/models.md)"
        )
    return device


def _dtype(wanted: str, device: torch.device, config: Any) -> torch.dtype:
    if wanted != "auto":
        if wanted not in DTYPES:
            raise ModelError(f"no dtype is called {wanted!r}: local_dtype is auto, {', '.join(DTYPES)}")
        return DTYPES[wanted]
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device.type == "mps":
        return torch.float16
    return _faster_on_cpu(config)


def _faster_on_cpu(config: Any) -> torch.dtype:
    """bfloat16 where this processor is faster with it, timed on a layer of the model's own width: some have
    instructions for its products, and yet may be slow at attention."""
    text = config.get_text_config() if hasattr(config, "get_text_config") else config
    width = int(getattr(text, "hidden_size", 0) or 512)
    inner = int(getattr(text, "intermediate_size", 0) or 4 * width)
    heads = int(getattr(text, "num_attention_heads", 0) or 8)
    seconds = {dtype: _timed(width, inner, heads, dtype) for dtype in (torch.float32, torch.bfloat16)}
    return torch.bfloat16 if seconds[torch.bfloat16] < 0.9 * seconds[torch.float32] else torch.float32


@torch.inference_mode()
def _timed(width: int, inner: int, heads: int, dtype: torch.dtype) -> float:
    """CPU seconds of about a layer, for one token and for eight, the best of some runs, by one thread: on a busy
    machine wall time tells of the others, and so does the CPU time of threads that wait for each other."""
    weights = torch.zeros(inner, width, dtype=dtype)
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    best = float("inf")
    ends_at = time.thread_time() + TIMED_S
    try:
        while True:
            started = time.thread_time()
            for rows in (1, 8):
                for _ in range(PRODUCTS):
                    torch.nn.functional.linear(torch.zeros(rows, width, dtype=dtype), weights)
                known = torch.zeros(rows, heads, SEEN_TOKENS, width // heads, dtype=dtype)
                torch.nn.functional.scaled_dot_product_attention(known[:, :, :1], known, known)
            now = time.thread_time()
            best = min(best, now - started)
            if now > ends_at:
                return best
    finally:
        torch.set_num_threads(n_threads)


def _require_memory(place: str, needed: int | None, device: torch.device, dtype: torch.dtype) -> None:
    if needed is None:
        return
    free = free_bytes(device)
    if needed * HEADROOM > free:
        raise ModelError(
            f"{place} needs about {spell_bytes(needed * HEADROOM)} in {_name(dtype)}, and {spell_bytes(free)} of "
            f"{device} is free: take a smaller model or dtype (local_dtype in the settings), or another device"
        )


def _model(found: _Found, config: Any, device: torch.device, dtype: torch.dtype) -> Any:
    arguments: dict[str, Any] = {**found.arguments, "dtype": dtype}
    if found.gguf is not None:
        from transformers import GgufConfig

        arguments["quantization_config"] = GgufConfig(gguf_file=found.gguf.name, dequantize=True)
    else:
        arguments |= {"config": config, "use_safetensors": True}
    is_spread = device.type == "cuda" and device.index is None and torch.cuda.device_count() > 1
    if is_spread and importlib.util.find_spec("accelerate") is not None:
        arguments["device_map"] = "auto"
    loaded: Any = AutoModelForCausalLM.from_pretrained(found.name, output_loading_info=True, **arguments)
    model, read = loaded
    lacking = sorted(read["missing_keys"])
    if lacking:
        raise ModelError(
            f"{found.gguf or found.name} lacks {len(lacking)} of the model's weights, {lacking[0]} among them: it is "
            "damaged, or another model's; fetch it again"
        )
    if "device_map" in arguments:
        return model
    return model.to(device=device, dtype=dtype) if found.gguf is not None else model.to(device)


def _context_tokens(config: Any, tokenizer: Any) -> int | None:
    """Tokens that prompt and reply may have together; None if neither says."""
    text = config.get_text_config() if hasattr(config, "get_text_config") else config
    bounds = [getattr(text, "max_position_embeddings", None), getattr(tokenizer, "model_max_length", None)]
    known = [int(bound) for bound in bounds if isinstance(bound, int) and 0 < bound < 10**8]
    return min(known, default=None)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _sentence(place: str, found: _Found, error: Exception) -> ModelError:
    words = brief(error)
    if found.folder is None:
        return ModelError(
            f"{place} could not be had from the hub: {words}; is the name right, is there a network, and does the "
            "model want HF_TOKEN? hf:FOLDER takes one that is on this machine",
            verdict="unreachable",
        )
    if "trust_remote_code" in words or "custom code" in words:
        return ModelError(f"{place} brings code of its own, which is not run: take a model that transformers knows")
    return ModelError(f"{place} cannot be loaded: {words}")
