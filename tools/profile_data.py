"""The tool `profile_data`."""

from __future__ import annotations

from agenttune.cards.data import BUNDLED, load_dataset
from agenttune.insight.quoting import quote
from agenttune.tools.toolbox import Weighed, weighed_reading
from agenttune.tools.workspace import ToolResult, Workspace

MOST_COLUMNS = 40


def profile_data(workspace: Workspace, data: str, target: str | None = None) -> ToolResult:
    """Tell what a data set holds: rows, columns, target, task, classes, gaps.

    Args:
        data: a CSV file of the workspace, or one of scikit-learn's sets: iris, wine, digits, breast_cancer, diabetes.
        target: the column to predict, which a CSV file needs.
    """
    dataset = load_dataset(data if data in BUNDLED else workspace.path(data), target=target)
    card = dataset.card
    columns = [
        f"- {quote(column.name, 60)}: {column.kind}, {column.n_distinct} distinct, {column.n_missing} missing"
        for column in card.columns[:MOST_COLUMNS]
    ]
    more = [f"... and {len(card.columns) - MOST_COLUMNS} more columns"] if len(card.columns) > MOST_COLUMNS else []
    facts = [*card.facts(), *card.notes]
    text = "\n".join([f"{card.name}: {' · '.join(facts)}", *columns, *more])
    return ToolResult(text, {"name": card.name, "facts": list(facts), "task": card.task, "target": card.target})


def weigh(workspace: Workspace, data: str, target: str | None = None) -> Weighed:
    """Whether the file is hidden."""
    if data in BUNDLED:
        return Weighed("read", f"profile {data}")
    return weighed_reading(workspace, workspace.path(data))
