"""A choice of columns is refused, however it is said; what merely describes the file is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.grammar import read
from agenttune.plan.request import PlanOptions, Request


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cust.csv").write_text(
        "id,age,plan type,spend,churned\n" + "1,31,basic,2.5,no\n2,44,pro,1.5,yes\n" * 30
    )
    return tmp_path


def read_here(words: str, folder: Path) -> Request:
    return read(f"random forest on cust.csv, predict churned {words}, 20 trials", PlanOptions(cwd=str(folder)))


@pytest.mark.parametrize(
    "words",
    [
        "based on spend",
        "from age and spend only",
        "from spend and age",
        "using plan type",
        ", features age and spend",
        ", inputs: plan type",
        ", spend only",
        "with only the numeric columns",
        ", drop id",
    ],
)
def test_choice_of_columns_is_refused(words: str, folder: Path) -> None:
    with pytest.raises(RequestNotUnderstood, match=r"leave columns out of cust\.csv itself"):
        read_here(words, folder)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("wine", "using only columns alcohol and ash"),
        ("wine", "using the features alcohol and ash"),
        ("iris", "with just petal length"),
        ("iris", "from sepal length (cm) and petal width (cm)"),
        ("iris", ", drop sepal width"),
        ("breast cancer", "using only radius error and area error"),
        ("diabetes", ", features: bmi"),
        ("digits", "using only pixel_0_0"),
    ],
)
def test_choice_of_columns_of_bundled_data_is_refused(data: str, words: str) -> None:
    with pytest.raises(RequestNotUnderstood, match=r"save \w+ as a CSV file that has only those you want"):
        read(f"tune an SVM on {data} {words}", PlanOptions())


@pytest.mark.parametrize(
    "words", [", it has alcohol and ash", "with columns alcohol, ash and hue", ", predict the class from all columns"]
)
def test_words_that_describe_bundled_data_choose_no_column(words: str) -> None:
    assert read(f"tune an SVM on wine {words}", PlanOptions()).data == "wine"


@pytest.mark.parametrize(
    "words",
    [
        "with only the columns foo, bar",
        ", features foo, bar only",
        "using columns foo and bar",
        ", use only the first 3 columns",
        ", drop column foo",
        ", remove the foo column",
        "without the column foo",
    ],
)
def test_choice_of_columns_that_the_data_lack_is_refused(words: str, folder: Path) -> None:
    with pytest.raises(
        RequestNotUnderstood, match=r"(?:foo|columns).*: a study learns from every column but the target"
    ):
        read_here(words, folder)


@pytest.mark.parametrize(
    "words",
    ["only with the columns age and spend", "with columns age and spend only", ", train only on the columns age, id"],
)
def test_list_that_is_chosen_describes_nothing(words: str, folder: Path) -> None:
    with pytest.raises(RequestNotUnderstood, match=r"leave columns out of cust\.csv itself"):
        read_here(words, folder)


@pytest.mark.parametrize(
    "sentence",
    [
        "Optimiere einen Random Forest auf cust.csv, sage churned voraus, nur mit den Spalten age und spend",
        "optimise une forêt aléatoire sur cust.csv, prédire churned, avec seulement les colonnes foo et bar",
        "optimiza un random forest en cust.csv, predecir churned, solo las columnas foo y bar",
    ],
)
def test_choice_of_columns_is_refused_in_other_languages(sentence: str, folder: Path) -> None:
    with pytest.raises(RequestNotUnderstood, match=r"leave columns out of cust\.csv itself"):
        read(sentence, PlanOptions(cwd=str(folder)))


def test_column_is_never_left_aside(folder: Path) -> None:
    with pytest.raises(RequestNotUnderstood, match="'age'"):
        read_here("with age", folder)


@pytest.mark.parametrize(
    "words",
    [
        "from all other columns",
        ", it has id, age, plan type and spend",
        ", it has columns id, age and plan type",
        ", it has columns foo and bar",
        ", its columns are id, age and churned",
        ", use the columns as they are",
        ", use the column churned as target",
        ", I would spend a day",
    ],
)
def test_words_that_choose_no_column_are_not_refused(words: str, folder: Path) -> None:
    assert (read_here(words, folder).target, read_here(words, folder).trials) == ("churned", 20)
