"""`training:` at the end of a pipeline file, and trackers."""

from __future__ import annotations

import json
import sys
import types
from typing import ClassVar

import pytest
import yaml
from small_corpus import pipeline_dict

torch = pytest.importorskip("torch", reason="torch is not installed")

from corpus_forge.cli.app import main
from corpus_forge.errors import RequestError
from corpus_forge.train.config import parse
from corpus_forge.train.loop import train
from corpus_forge.train.metrics import read_lines
from corpus_forge.train.trackers import scalars

TRAINING = {"model": {"preset": "tiny"}, "train": {"steps": 2, "batch_tokens": 1024, "log_every": 1}}


def cli(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    return ended.value.code


@pytest.fixture
def file(corpus, tmp_path):
    """A pipeline over small files that ends with two steps of a tiny model."""
    path = tmp_path / "p.yaml"
    path.write_text(yaml.safe_dump({**pipeline_dict(corpus), "training": TRAINING}))
    return path


def test_a_run_ends_with_a_model(file, tmp_path, capsys) -> None:
    run = tmp_path / "run"
    assert cli("check", file) == 0
    assert not run.exists()
    assert cli("run", file, "-o", run, "--executor", "inline") == 0
    assert "trained 2 steps" in capsys.readouterr().err
    assert [line["step"] for line in read_lines(run / "model" / "metrics.jsonl")] == [1, 2]
    assert json.loads((run / "run.json").read_text())["pipeline"]["training"] == TRAINING
    log = (run / "work" / "log.jsonl").read_text() if (run / "work" / "log.jsonl").is_file() else ""
    assert cli("run", file, "-o", run, "--executor", "inline", "--set", "training.train.steps=3") == 0
    assert [line["step"] for line in read_lines(run / "model" / "metrics.jsonl")] == [1, 2, 3]
    if log:
        added = (run / "work" / "log.jsonl").read_text()[len(log) :]
        assert '"start"' not in added, "no task runs again for another training"
    assert cli("train", run) == 0
    assert "step 3, written to" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"training": {"trian": {}}}, "training.trian: unknown key"),
        ({"training": {**TRAINING, "objective": "clm"}}, "training.objective.name: must be one of"),
        ({"tokenize": None}, "there are no tokens to train on"),
    ],
)
@pytest.mark.parametrize("verb", ["check", "run"])
def test_what_is_wrong_is_said_before_anything_is_run(file, tmp_path, capsys, changes, message, verb) -> None:
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), **changes}))
    output = ["-o", tmp_path / "run"] if verb == "run" else []
    assert cli(verb, file, *output) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_run_without_training_says_so(corpus, tmp_path, capsys) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(yaml.safe_dump(pipeline_dict(corpus)))
    assert cli("run", path, "-o", tmp_path / "run", "--executor", "inline") == 0
    assert cli("train", tmp_path / "run") == 2
    assert "its pipeline has no `training:`" in capsys.readouterr().err


class Writer:
    """What TensorBoard's writer is told."""

    told: ClassVar[list] = []

    def __init__(self, folder: str) -> None:
        self.told.append(folder)

    def add_scalar(self, name: str, value: float, step: int) -> None:
        self.told.append((name, value, step))

    def close(self) -> None:
        self.told.append("closed")


def test_trackers_are_told_every_number(tokens, tmp_path, monkeypatch) -> None:
    Writer.told = []
    module = types.ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = Writer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    output = tmp_path / "m"
    train(parse({"tokens": str(tokens), "output": str(output), **TRAINING, "trackers": ["tensorboard"]}))
    lines = read_lines(output / "metrics.jsonl")
    assert Writer.told[0] == str(output / "tensorboard")
    assert Writer.told[-1] == "closed"
    assert [each for each in Writer.told if each[0] == "loss"] == [("loss", line["loss"], line["step"]) for line in lines]


def test_a_tracker_that_is_not_installed_is_said_before_the_first_step(tokens, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(RequestError, match="pip install wandb"):
        train(parse({"tokens": str(tokens), "output": str(tmp_path / "m"), **TRAINING, "trackers": ["wandb"]}))
    assert not (tmp_path / "m" / "checkpoints").exists()


def test_numbers_of_a_line() -> None:
    line = {"step": 3, "loss": 1, "mfu": None, "eval": {"web": {"bits_per_byte": 0.5, "tokens": 7}}, "spike": [1]}
    assert dict(scalars(line)) == {"loss": 1.0, "eval/web/bits_per_byte": 0.5, "eval/web/tokens": 7.0}
