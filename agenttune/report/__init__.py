"""What leaves a study: plots (plots.py), exports (export.py), what replicates say (replicates.py).

Computed from a view alone: nothing here reads the store, runs anything or prints.
"""

from __future__ import annotations
