"""The picture of a study: drawn for every kind of study, and read from its marks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from agenttune.errors import UserError
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.report.plots import _figure, plot_study
from agenttune.trial import Trial

MakeTrial = Callable[..., Trial]
MakeView = Callable[..., StudyView]


def legend(view: StudyView) -> list[str]:
    axes = _figure(view, "title").axes[0]
    return axes.get_legend_handles_labels()[1]


def test_picture_shows_arms_best_default_and_failures(make_trial: MakeTrial, make_view: MakeView) -> None:
    view = make_view(make_trial(0, 0.5, arm="default"), make_trial(1, 0.7), make_trial(2, None))
    assert legend(view) == ["default", "gp", "best so far", "best: trial 1", "the default's value", "failed (1)"]


def test_best_so_far_only_improves(make_trial: MakeTrial, make_view: MakeView) -> None:
    values = [0.5, 0.4, 0.6, 0.55]
    view = make_view(*(make_trial(at, value) for at, value in enumerate(values)))
    (line,) = [line for line in _figure(view, "t").axes[0].lines if line.get_label() == "best so far"]
    assert np.asarray(line.get_ydata()).tolist() == [0.5, 0.5, 0.6, 0.6, 0.6]


def test_infeasible_trials_are_told_apart(make_trial: MakeTrial, make_view: MakeView) -> None:
    view = make_view(make_trial(0, 0.5), make_trial(1, 0.9), goal=Goal("accuracy", "maximize", ("accuracy < 0.8",)))
    assert "gp, infeasible" in legend(view)


def test_hopeless_trials_do_not_flatten_the_others(make_trial: MakeTrial, make_view: MakeView) -> None:
    values = [0.90, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, -500.0]
    view = make_view(*(make_trial(at, value) for at, value in enumerate(values)))
    axes = _figure(view, "t").axes[0]
    assert axes.get_ylim()[0] > 0
    assert "off the scale (1)" in axes.get_legend_handles_labels()[1]


@pytest.mark.parametrize("values", [[], [0.5], [None, None], [1e300, -1e300], [1.7e308, -1.7e308] * 5, [0.0] * 12])
def test_picture_of_any_study_is_a_png(
    values: list[float | None], tmp_path: Path, make_trial: MakeTrial, make_view: MakeView
) -> None:
    view = make_view(*(make_trial(at, value) for at, value in enumerate(values)))
    path = plot_study(view, tmp_path / "a" / "plot.png", title="x")
    assert imread(path).shape[:2] == (675, 1200)
    assert [entry.name for entry in path.parent.iterdir()] == ["plot.png"]


def test_hostile_titles_and_arms_are_drawn_literally(
    tmp_path: Path, make_trial: MakeTrial, make_view: MakeView
) -> None:
    view = make_view(make_trial(0, 0.5, arm="_$\\frac{"), make_trial(1, 0.6, arm="$x$"))
    plot_study(view, tmp_path / "plot.png", title="表 $\\broken{ \x1b[31m 😀 " + "x" * 500)


def test_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path, make_view: MakeView) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write the plot"):
        plot_study(make_view(), tmp_path / "file" / "plot.png", title="x")
