"""Requests in German, French, Spanish and Chinese: what their phrases say in the grammar's English."""

from __future__ import annotations

from typing import Any

import pytest

from agenttune.plan import PlanOptions
from agenttune.plan.conversation import read_turns
from agenttune.plan.languages import LANGUAGES, in_english, language_of


def said(*turns: str) -> dict[str, Any]:
    content = read_turns(turns, PlanOptions()).model_dump(exclude_none=True)
    content["ranges"] = {
        asked["parameter"]: asked["values"] or (asked.get("low"), asked.get("high")) for asked in content["ranges"]
    }
    return content


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("RMSE möglichst klein, gradient boosting auf diabetes, 1,5 h", "de"),
        ("simular.py:planta -> maximizar rendimiento, caudal 0,5..3, presion 1..10", "es"),
        ("tune the batch size over 8,16,32 and lr in [0,1], please be quick", None),
    ],
)
def test_decimal_comma_beside_a_word_tells_a_language(text: str, language: str | None) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("regresion logistica con iris, hola", "logistic regression"),
        ("SVM fuer iris, hoechstens 30 Laeufe, moeglichst bald, danke", "at most 30 trials"),
        ("foret aleatoire sur iris, merci, apres 30 essais", "random forest"),
    ],
)
def test_words_are_known_without_their_accents(text: str, english: str) -> None:
    assert english in in_english(text)


def test_words_of_another_sense_keep_their_accents() -> None:
    assert "precision" in in_english("svm con iris y precision")


@pytest.mark.parametrize(
    "text",
    [
        "Ridge auf diabetes, RMSE soll runter",
        "Ridge auf diabetes, je kleiner die RMSE, desto besser",
        "Ridge auf diabetes, RMSE niedrig, bitte",
        "Ridge sur diabetes, la RMSE doit baisser autant que possible",
        "Ridge sur diabetes, RMSE au minimum, merci",
        "Ridge sur diabetes, plus la RMSE est petite, mieux c'est",
        "Ridge con diabetes, que la RMSE baje todo lo posible",
        "Ridge con diabetes, cuanto menor la RMSE, mejor",
        "Ridge con diabetes, RMSE minima, gracias",
        "岭回归，diabetes，RMSE 要降下来",
        "岭回归，diabetes，RMSE 要低",
    ],
)
def test_metric_goes_down(text: str) -> None:
    assert (said(text)["metric"], said(text)["direction"]) == ("rmse", "minimize")


@pytest.mark.parametrize(
    "text",
    [
        "Random Forest auf digits, aufhören sobald die Genauigkeit 97 % erreicht",
        "Random Forest auf digits, die Genauigkeit soll über 97 % kommen, dann kannst du aufhören",
        "Forêt aléatoire sur digits, arrête-toi dès qu'on atteint une exactitude de 0,97",
        "bosque aleatorio con digits; detente cuando alcances una exactitud de 0,97",
        "用随机森林在 digits 上训练，准确率到 97% 就停",
        "Random Forest auf digits, zur Zeit 95 %, ich will mindestens 97 % Genauigkeit, dann stopp",
        "forêt aléatoire sur digits, actuellement 95 %, je veux au moins 97 % d'exactitude puis stop",
        "bosque aleatorio con digits, ahora tengo 95 %, quiero al menos 97 % de exactitud y entonces para",
        "随机森林，digits，现在 95%，至少要 97% 的准确率，到了就停",
    ],
)
def test_value_at_which_to_stop(text: str) -> None:
    assert (said(text)["metric"], said(text)["goal_target"]) == ("accuracy", 0.97)


@pytest.mark.parametrize(
    "text",
    [
        "SVM für iris, mehr als 60 Versuche brauchst du nicht",
        "SVM für iris, nimm bitte nicht mehr als 60 Versuche",
        "SVM pour iris, inutile de faire plus de 60 essais",
        "SVM pour iris, il ne faut pas faire plus de 60 essais",
        "SVM para iris, no hagas más de 60 pruebas",
        "SVM para iris, más de 60 pruebas no hacen falta",
        "SVM，iris，不要超过 60 次试验",
    ],
)
def test_denied_more_is_a_limit(text: str) -> None:
    assert said(text)["trials"] == 60


@pytest.mark.parametrize(
    ("text", "constraint"),
    [
        ("./b.sh {n}; n 1 bis 9; t_ms runter, fehler_pct darf dabei nicht über 5 steigen", "fehler_pct <= 5"),
        ("./b.sh {n}; n 1 bis 9; t_ms runter, die rate_s darf nicht unter 800 fallen", "rate_s >= 800"),
        ("./b.sh {n} ; n 1 à 9 ; baisser t_ms sans que erreur_pct dépasse 5, merci", "erreur_pct <= 5"),
        ("./b.sh {n}; n de 1 a 9; baja t_ms, sin que error_pct pase de 5", "error_pct <= 5"),
        ("./b.sh {n}; n de 1 a 9; baja t_ms, siempre y cuando error_pct quede por debajo de 5", "error_pct < 5"),
        ("./b.sh {n}；n 1 到 9；t_ms 越小越好，error_pct 控制在 5 以内", "error_pct <= 5"),
    ],
)
def test_bound_on_another_metric(text: str, constraint: str) -> None:
    assert said(text)["constraints"] == (constraint,)


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("SVM für iris, bis halb acht abends", "19:30"),
        ("SVM pour iris, fini au plus tard à 18h30", "18:30"),
        ("SVM pour iris, pour demain matin 8h", "tomorrow 08:00"),
        ("SVM pour iris, pour ce soir 20 heures", "20:00"),
        ("SVM pour iris, jusqu'à sept heures et demie du soir", "19:30"),
        ("SVM con iris, antes de las 7 y media de la tarde", "19:30"),
        ("SVM con iris, a mediodía me voy, para entonces tiene que haber acabado", "12:00"),
        ("SVM，iris，明天早上八点前要", "tomorrow 08:00"),
    ],
)
def test_clock_time_is_no_span(text: str, deadline: str) -> None:
    assert said(text)["deadline"] == deadline
    assert "seconds" not in said(text)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("SVM für iris, dreieinhalb Stunden", 3.5),
        ("SVM für iris, eine Stunde und 15 Minuten", 1.25),
        ("SVM pour iris, une heure et quart, pas plus", 1.25),
        ("SVM pour iris, jusqu'à 8 heures", 8),
        ("SVM con iris, dos horas y cuarto", 2.25),
        ("SVM con iris, una hora y 15 minutos", 1.25),
    ],
)
def test_span_with_a_part_of_an_hour(text: str, hours: float) -> None:
    assert said(text)["seconds"] == 3600 * hours


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("./b.sh {modo}; modo puede ser rapido, lento o mixto; baja t_ms", ("rapido", "lento", "mixto")),
        (
            "./b.sh {modus}; modus soll schnell, langsam oder gemischt sein; t_ms runter",
            ("schnell", "langsam", "gemischt"),
        ),
        ("./b.sh {mode} ; mode peut être rapide, lent ou mixte ; baisser t_ms", ("rapide", "lent", "mixte")),
        ("./b.sh {opt}；opt 可选 O1、O2、O3，t_ms 越小越好", ("O1", "O2", "O3")),
        ("./b.sh {n}；n 取 1、2、4、8，t_ms 越小越好", (1, 2, 4, 8)),
        ("./b.sh {hilos}; hilos puede ser 1, 2, 4 u 8; baja t_ms", (1, 2, 4, 8)),
    ],
)
def test_list_of_values(text: str, values: tuple[object, ...]) -> None:
    assert next(iter(said(text)["ranges"].values())) == values


@pytest.mark.parametrize(
    "text",
    [
        "ridge con diabetes, alpha (log) de 0,001 a 100",
        "Ridge auf diabetes, alpha (logarithmisch) von 0,001 bis 100",
        "ridge sur diabetes, alpha (échelle log) de 0,001 à 100",
    ],
)
def test_scale_may_stand_before_its_range(text: str) -> None:
    assert read_turns((text,), PlanOptions()).ranges[0].log is True


@pytest.mark.parametrize(
    "text", ["./b.sh {x}; x [0,5 ; 2,5]; t_ms bitte runter", "./b.sh {x}; x in [0,5 - 2,5]; t_ms bitte runter"]
)
def test_decimal_commas_in_brackets(text: str) -> None:
    assert said(text)["ranges"] == {"x": (0.5, 2.5)}


@pytest.mark.parametrize(
    "turns",
    [
        ("./b.sh {n}; n 1..9; t_ms runter, bitte", "bei n hab ich mich vertan, 2 bis 6"),
        ("./b.sh {n} ; n 1..9 ; baisser t_ms, merci", "je me suis trompé pour n, c'est de 2 à 6"),
        ("./b.sh {n}; n 1..9; baja t_ms, gracias", "me equivoqué con n, que sea de 2 a 6"),
        ("./b.sh {n}；n 1..9；t_ms 越小越好", "n 说错了，应该是 2 到 6"),
    ],
)
def test_mistake_about_a_parameter_is_mended(turns: tuple[str, str]) -> None:
    assert said(*turns)["ranges"] == {"n": (2, 6)}


@pytest.mark.parametrize(
    "turns",
    [
        ("Ridge auf diabetes, 50 Versuche, 1 Stunde", "streich das Zeitlimit"),
        ("Ridge sur diabetes, 50 essais, 1 heure", "enlève la limite de temps"),
        ("Ridge con diabetes, 50 pruebas, 1 hora", "quita el límite de tiempo"),
        ("岭回归，diabetes，50 次试验，1 小时", "时间不限了"),
    ],
)
def test_time_limit_is_taken_back(turns: tuple[str, str]) -> None:
    assert "seconds" not in said(*turns)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("SVM für iris mit Zufallssuche", "proposer", "random"),
        ("SVM pour iris, optimisation bayésienne", "proposer", "auto"),
        ("SVM，iris，用随机搜索", "proposer", "random"),
        ("bitte einen SVM-Klassifikator auf iris", "task", "classification"),
        ("hazme un clasificador SVM con iris", "task", "classification"),
        ("给 iris 调一个 SVM 分类器", "task", "classification"),
        ("SVM，iris，一个一个跑", "workers", 1),
        ("SVM con iris, 60 pruebas, de a tres a la vez", "workers", 3),
        ("SVM für iris, fünffache Kreuzvalidierung", "folds", 5),
        ("svm con iris, reserva un 15 % de las filas para el final", "held_out", 0.15),
    ],
)
def test_one_thing_is_said(text: str, field: str, value: object) -> None:
    assert said(text)[field] == value


def test_name_of_a_metric_names_no_study() -> None:
    content = said("./b.sh {n} ; n de 1 à 9. La métrique affichée s'appelle val_acc, à maximiser.")
    assert content["metric"] == "val_acc"
    assert "name" not in content


def test_one_article_is_no_trial() -> None:
    assert "trials" not in said("给 iris 调一个 SVM")


@pytest.mark.parametrize("language", LANGUAGES)
def test_english_is_left_as_it_is(language: str) -> None:
    text = "tune an SVM on digits for accuracy, 30 trials, at most 5 minutes"
    assert in_english(text) == text
    assert language_of(text) != language


@pytest.mark.parametrize(
    "text",
    [
        "Entscheidungsbaum auf wine, Tiefe höchstens 5",
        "arbre de décision sur wine, profondeur 5 au plus",
        "árbol de decisión sobre wine, profundidad 5 como mucho",
        "决策树，wine，深度最多 5",
    ],
)
def test_upper_end_is_no_value(text: str) -> None:
    assert said(text)["ranges"] == {"max_depth": (None, 5)}


@pytest.mark.parametrize(
    "text",
    [
        "SVM auf iris, C höchstens 10, aber mindestens 0,1",
        "SVM sur iris, C au plus 10 mais au moins 0,1",
        "SVM con iris, C al menos 0,1 y como mucho 10",
        "SVM，iris，C 不超过 10，不低于 0.1",
    ],
)
def test_both_ends_may_be_bounds(text: str) -> None:
    assert said(text)["ranges"] == {"C": (0.1, 10)}


@pytest.mark.parametrize(
    "text",
    [
        "./b.sh {k}: verlust senken, k von 2 bis 20, zwei Läufe parallel, insgesamt 50",
        "./b.sh {k} : réduire perte, k de 2 à 20, deux exécutions en parallèle, 50 au total",
        "./b.sh {k}: reducir perdida, k de 2 a 20, dos ejecuciones en paralelo, 50 en total",
    ],
)
def test_count_in_all_beside_workers(text: str) -> None:
    assert (said(text)["workers"], said(text)["trials"]) == (2, 50)


@pytest.mark.parametrize(
    "text",
    [
        "SVM auf iris, 30 Versuche, jeder höchstens 2 Minuten",
        "SVM sur iris, 30 essais de 2 minutes chacun au maximum",
        "SVM con iris, 30 pruebas de 2 minutos cada una como máximo",
        "SVM，iris，30 次，每次最多 2 分钟",
    ],
)
def test_time_of_each_trial_is_none_of_all(text: str) -> None:
    assert said(text)["trial_seconds"] == 120
    assert "seconds" not in said(text)
