"""`python -m agenttune` is `agenttune`."""

from __future__ import annotations

import sys

from agenttune.cli import main

if __name__ == "__main__":
    sys.exit(main())
