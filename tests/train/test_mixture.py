"""A run that was mixed is read by its mixture file, unless the training file says otherwise."""

from __future__ import annotations

import json

import pytest
from token_folders import edit_index, pack, write_folder

pytest.importorskip("torch")

from corpus_forge.train.config import parse
from corpus_forge.train.data import open_mixture


def second_is_wiki(content: dict) -> None:
    content["shards"][1]["source"] = "wiki"


@pytest.fixture
def mixed(tmp_path) -> str:
    folder = write_folder(tmp_path / "tokens", [pack([(n, [5] * 127)]) for n in range(2)])
    edit_index(folder, second_is_wiki)
    (folder / "mixture.json").write_text(json.dumps({"parts": {"web": {"tokens": 3000}, "wiki": {"tokens": 1000}}}))
    return str(folder)


def opened(tokens, **more):
    return open_mixture(parse({"tokens": tokens, "output": "x", "train": {"steps": 1}, **more}))


def test_one_run_is_read_by_its_mixture(mixed) -> None:
    mixture = opened(mixed)
    assert [rows.name for rows in mixture.sources] == ["web", "wiki"]
    assert mixture.reader(1024).batch(0).source.sum() == 256


def test_weights_of_the_training_file_come_first(mixed, tmp_path) -> None:
    assert [rows.name for rows in opened([{"name": "a", "path": mixed, "weight": 1}]).sources] == ["a"]
    assert [rows.name for rows in opened(mixed, phases=[{"from_row": 0, "weights": {"all": 1}}]).sources] == ["all"]
    (tmp_path / "tokens" / "mixture.json").unlink()
    assert [rows.name for rows in opened(mixed).sources] == ["all"]
