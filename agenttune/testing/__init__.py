"""Conformance suites for third parties, and what they are built from.

Inherit `ProposerConformance`, `ExecutorConformance`, `ObjectiveConformance`, `StoreConformance` or `ModelConformance`
from the module of that name in a test class of your own; every implementation in this package runs them as well. They
need pytest; the model server (`python -m agenttune.testing.server`) does not.
"""
