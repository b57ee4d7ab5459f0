"""The store: everything about a study that must survive, in one SQLite file. The only writer of truth.

Not for: deciding anything. Results of arithmetic over trials are in history/, the loop in study/.
"""

from agenttune.store.store import Store

__all__ = ["Store"]
