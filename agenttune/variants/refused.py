"""`BlockRefused`: why a reply became no variant. Not for: a variant that fails as it runs (a failed trial)."""

from __future__ import annotations

from agenttune.errors import AgentTuneError
from agenttune.variant import RefusedKind


class BlockRefused(AgentTuneError):
    """A reply became no variant; its text is the sentence that the model is told: rule, what broke it, way out.

    Attributes:
        kind: which rule, as it is recorded.
    """

    def __init__(self, kind: RefusedKind, reason: str) -> None:
        super().__init__(reason)
        self.kind: RefusedKind = kind

    @property
    def reason(self) -> str:
        """The sentence."""
        return str(self)
