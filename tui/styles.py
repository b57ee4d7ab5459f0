"""Names for the colours of texts, in terms of the theme. One place, so that every screen speaks alike."""

from __future__ import annotations

MUTED = "$muted"
"""Beside the point, still to be read."""
FAINT = "$faint"
"""Labels, axes, heads of columns."""
STRONG = "bold"
KEY = "bold $primary"
"""A key to press, a thing to type."""
BEST = "bold $accent"
GOOD = "$success"
BAD = "$error"
WARN = "bold $warning"
"""Not wrong, but not to be relied on."""
CODE = "$secondary"
