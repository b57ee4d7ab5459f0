"""Seeds derived from a study's own."""

from __future__ import annotations

import hashlib


def seed_of(study_seed: int, number: int) -> int:
    """The seed of trial `number`: 32 bits of sha256, so that neighbours share nothing."""
    return int.from_bytes(hashlib.sha256(f"{study_seed}:{number}".encode()).digest()[:4], "big")
