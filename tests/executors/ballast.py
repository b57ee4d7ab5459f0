"""A module whose import takes 300 MB."""

BALLAST = b"z" * 300_000_000
