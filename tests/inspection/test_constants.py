"""Constants, variables, click options and config files that are found, and those that mean harm."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agenttune.errors import UserError
from agenttune.inspection import Script, inspect_script, propose_space
from agenttune.inspection.config_files import MOST_NUMBERS


def script_of(folder: Path, content: str | bytes) -> Script:
    path = folder / "train.py"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return inspect_script(path)


def test_constants_are_those_that_look_like_hyperparameters(tmp_path: Path) -> None:
    script = script_of(
        tmp_path,
        'LR = 0.01\nlearning_rate = 1e-3\nx = 3\nBATCH: int = 64\nAPI_KEY = "abc"\nBEST = 0.0\nBEST = 1.0\n'
        'COPY = LR\nLABELS = {"cat": 0}\nhparams = {"wd": 0.1, "net": {"width": 8}, 3: 4, "f": len}\nBIG = 1e999\n'
        "from dataclasses import dataclass\n@dataclass\nclass TrainConfig:\n    dropout: float = 0\n    name: str\n"
        "HUGE = 0x" + "f" * 5_000 + "\nOPTIONS = {}\nOPTIONS['lr'] = 1\n",
    )
    assert [(entry.name, entry.kind, entry.value) for entry in script.constants] == [
        ("LR", "float", 0.01),
        ("learning_rate", "float", 1e-3),
        ("BATCH", "int", 64),
        ("hparams.wd", "float", 0.1),
        ("hparams.net.width", "int", 8),
        ("TrainConfig.dropout", "float", 0),
    ]
    proposed = propose_space(script)
    assert proposed.space is None and proposed.constants is not None
    names = "lr learning_rate batch hparams_wd hparams_net_width trainconfig_dropout".split()
    assert list(proposed.constants.parameters) == names
    assert script.to_json()["constants"]


def test_variables_with_a_default_are_options(tmp_path: Path) -> None:
    script = script_of(
        tmp_path,
        'import os\nlr = float(os.environ.get("LR", 0.1))\nn = int(os.getenv("N_LAYERS", "3"))\n'
        'fast = os.environ.get("FAST", "no").lower() in ("1", "true")\nr = int(os.environ.get("LOCAL_RANK", 0))\n',
    )
    found = [(option.name, option.variable, option.kind, option.default) for option in script.options]
    assert found[:3] == [
        ("lr", "LR", "float", 0.1),
        ("n_layers", "N_LAYERS", "int", 3),
        ("fast", "FAST", "bool", False),
    ]
    proposed = propose_space(script)
    assert proposed.space is not None and list(proposed.space.parameters) == ["lr", "n_layers", "fast"]


def test_click_options_are_options(tmp_path: Path) -> None:
    script = script_of(
        tmp_path,
        'import click\n@click.command()\n@click.option("--lr", default=0.1, help="step")\n'
        '@click.option("--mode", type=click.Choice(["a", "b"]))\n@click.option("--warm/--no-warm", default=True)\n'
        '@click.option("--fast", is_flag=True)\ndef main(lr, mode, warm, fast): pass\n',
    )
    found = [(option.flag, option.kind, option.choices, option.on) for option in script.options]
    assert found == [
        ("--lr", "float", (), ""),
        ("--mode", "str", ("a", "b"), ""),
        ("--warm", "bool", (), "--warm"),
        ("--fast", "bool", (), "--fast"),
    ]


READING = """import json, tomllib, yaml, argparse, os
from pathlib import Path
NAME = "c.yaml"
json.load(open("a.json"))
tomllib.loads((Path(__file__).parent / "b.toml").read_text())
yaml.safe_load(open(NAME))
open("out.json", "w").write("{}")
Path("result.json").write_text("{}")
p = argparse.ArgumentParser()
p.add_argument("--config", default="d/e.yml")
"""


def test_numbers_of_config_files_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"lr": 0.1, "deep": {"n": 3, "on": true, "list": [1]}, "bad": NaN}')
    (tmp_path / "b.toml").write_text("[optimizer]\nlr = 1e-3\nname = 'x'\nend = inf\n")
    (tmp_path / "c.yaml").write_text("optimizer:\n  lr: 1e-4\n  name: '3'\nlayers: [1, {a: 2}]\nn: 0x10\nseed: 7\n")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "e.yml").write_text("? [a, b]\n: 1\nx: {y: {z: 5}}\n")
    script = script_of(tmp_path, READING)
    assert {config.name: dict(config.numbers) for config in script.configs} == {
        "a.json": {"lr": 0.1, "deep.n": 3},
        "b.toml": {"optimizer.lr": 1e-3},
        "c.yaml": {"optimizer.lr": 1e-4, "seed": 7},
        "d/e.yml": {"?": 1, "x.y.z": 5},
    }


def bomb() -> str:
    lines = ["a0: &a0 {x: 1}"] + [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 12)]
    return "\n".join([*lines, "<<: *a11", "lr: 0.5"])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("c.yaml", "[" * 100_000, "it is nested more than 50 deep"),
        ("c.json", "[" * 100_000, "it cannot be read"),
        ("c.toml", "x = " + "[" * 100_000, "it cannot be read"),
        ("c.toml", ".".join("a" * 50_000) + " = 1", "a line has more than 200 dots"),
        ("c.yaml", "x: !!python/object/apply:os.system ['touch was-run']", ""),
        ("c.yaml", b"\xff\xfe\x00", "it cannot be read"),
        ("c.json", " " * 1_000_001, "it has more than 1 MB"),
        ("c.yaml", "a: b: c", "it cannot be read"),
        ("c.yaml", "x: " + "a" * 900_000, ""),
        ("c.json", '{"x": ' + "9" * 5_000 + "}", "it cannot be read"),
        (".env.json", '{"x": 1}', "it is hidden"),
        ("../c.json", '{"x": 1}', "it lies outside the folder of the script"),
        ("none.json", None, "it is not there"),
    ],
    ids=range(13),
)
def test_config_file_that_means_harm_is_a_sentence(
    tmp_path: Path, name: str, content: str | bytes | None, said: str
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    if content is not None:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    config = script_of(folder, f"open({name!r})\n").configs[0]
    assert said in config.problem and not config.numbers
    assert not (folder / "was-run").exists()


def test_aliases_are_not_followed_and_numbers_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(bomb())
    (tmp_path / "b.json").write_text("{" + ", ".join(f'"k{at}": {at}' for at in range(5_000)) + "}")
    first, second = script_of(tmp_path, "open('a.yaml')\nopen('b.json')\n").configs
    assert dict(first.numbers) == {"a0.x": 1, "lr": 0.5} and len(second.numbers) == MOST_NUMBERS


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / "secret.json").write_text('{"pin": 1234}')
    (folder / "c.json").symlink_to(tmp_path / "secret.json")
    os.mkfifo(folder / "d.json")
    script = script_of(folder, "open('c.json')\nopen('d.json')\n")
    assert [config.problem for config in script.configs] == [
        "it lies outside the folder of the script",
        "it is not there",
    ]
    assert "config file c.json: it lies outside the folder of the script" in script.unknowns


def test_without_pyyaml_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    (tmp_path / "c.yaml").write_text("lr: 1\n")
    assert script_of(tmp_path, "open('c.yaml')\n").configs[0].problem == "PyYAML is not installed"


@pytest.mark.parametrize(
    "content",
    [
        b"print('" + b"a" * 900_000 + b"', x)\n",
        b"print('%" + b"0" * 900_000 + b"!' % x)\n",
        b"x = " + b"-" * 900 + b"1\n",
        b"p.add_argument('--x', type=" + b"a." * 900 + b"b)\n",
        b"if x: pass\n" + b"elif x: pass\n" * 900,
        b"# coding: rot13\nk = 1\n",
        b"# coding: no-such\nk = 1\n",
        b"\xef\xbb\xbfLR = 0.1\r\n",
        b"LR = " + b"9" * 4_000 + b"\n",
        b"LR = 1e308\nWD = -1e308\nDROPOUT = 0\n",
    ],
    ids=range(10),
)
def test_odd_script_is_read_or_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    try:
        propose_space(script_of(tmp_path, content))
    except UserError as error:
        assert len(str(error)) < 500
