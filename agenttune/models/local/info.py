"""What a loaded model is, as the host tells it. Not for loading one."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from agenttune.types import Json


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """A loaded model."""

    name: str
    """Folder, file or name on the hub."""
    revision: str | None
    """The hub's commit; None for what has none."""
    device: str
    dtype: str
    n_parameters: int
    context_tokens: int | None
    """Tokens that prompt and reply may have together; None where the model sets no bound."""
    memory_bytes: int
    """Of the weights."""
    load_s: float

    def to_json(self) -> dict[str, Json]:
        """The record by field."""
        return asdict(self)
