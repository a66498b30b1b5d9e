"""`self_test`: what is planted is found at the rate of the curve, whatever the shards, and the run is as without it."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from small_corpus import tree_digest

import corpus_forge as cf
from corpus_forge.engine.self_test import PICK_DTYPE, smallest
from corpus_forge.errors import RequestError
from corpus_forge.report.terminal import report_view

DOCUMENTS = 60
HOWS: dict[str, dict[str, Any]] = {
    "fineweb": {"preset": "fineweb"},
    "signature": {"method": "minhash", "bands": 20, "rows": 5, "verify": 0.7, "keep": "longest", "scope": "source"},
    "jaccard": {"preset": "nemo", "verify": 0.8, "verify_by": "jaccard"},
}


def write_files(folder: Path, files: int) -> Path:
    rng = random.Random(8)
    words = ["".join(rng.choices("abcdefghij", k=6)) for _ in range(5000)]
    texts = [" ".join(rng.choices(words, k=rng.randint(150, 300))) for _ in range(DOCUMENTS)]
    texts += [texts[3], "too short", "", texts[5] + " end"]
    folder.mkdir()
    for n in range(files):
        part = texts[n * len(texts) // files : (n + 1) * len(texts) // files]
        (folder / f"{n}.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in part))
    return folder


def run_over(folder: Path, run: Path, **dedup: Any) -> cf.Run:
    source = {"name": "web", "format": "jsonl", "paths": [f"{folder}/*.jsonl"]}
    return cf.Pipeline.from_dict({"name": "p", "sources": [source], "steps": [{"dedup": dedup}]}).run(run, executor="inline")


@pytest.mark.parametrize("how", HOWS)
def test_recall_is_that_of_the_curve_for_any_split_and_the_run_is_as_without(tmp_path, how):
    runs = [run_over(write_files(tmp_path / f"in{n}", n), tmp_path / f"run{n}", self_test=True, **HOWS[how]) for n in (1, 4)]
    [section], [other] = (run.report["self_tests"] for run in runs)
    assert section == other
    assert section["documents"] == DOCUMENTS + 1
    assert section["pairs"] == 10 * (DOCUMENTS + 1)
    pairs, found, expected, variance = (
        sum(value(row) for row in section["bins"])
        for value in (
            lambda row: row["pairs"],
            lambda row: row["found"],
            lambda row: row["expected"] * row["pairs"],
            lambda row: (row["deviation"] * row["pairs"]) ** 2,
        )
    )
    assert pairs > 0.9 * section["pairs"]
    assert 0.1 * pairs < found < 0.9 * pairs
    assert abs(found - expected) < 4 * variance**0.5
    assert all(row["low"] <= row["recall"] <= row["high"] for row in section["bins"])
    assert tree_digest(runs[1].root) == tree_digest(run_over(tmp_path / "in4", tmp_path / "plain", **HOWS[how]).root)


def test_asking_for_it_runs_only_itself(tmp_path):
    folder = write_files(tmp_path / "in", 3)
    run_over(folder, tmp_path / "run", method="minhash")
    run = run_over(folder, tmp_path / "run", method="minhash", self_test=True)
    did = {stage["name"] for stage in run.record["stages"] if stage["tasks"] > stage["reused"]}
    assert did == {"dedup: sample", "dedup: self-test"}
    again = run_over(folder, tmp_path / "run", method="minhash", self_test=True)
    assert all(stage["tasks"] == stage["reused"] for stage in again.record["stages"])
    assert again.report["self_tests"] == run.report["self_tests"] != []


def test_what_a_step_loses_shows(tmp_path, monkeypatch):
    """A step that throws half of its bands away falls short of its curve by more than chance."""
    from corpus_forge.steps.dedup import minhash

    whole = minhash.band_keys
    rng = np.random.default_rng(1)

    def forgetful(signatures, bands, rows):
        hi, lo = whole(signatures, bands, rows)
        lost = rng.random(hi.shape) < 0.5
        return np.where(lost, rng.integers(0, 1 << 63, hi.shape, np.uint64), hi), lo

    monkeypatch.setattr(minhash, "band_keys", forgetful)
    run = run_over(write_files(tmp_path / "in", 1), tmp_path / "run", self_test=True, preset="fineweb")
    short = [row for row in run.report["self_tests"][0]["bins"] if row["high"] < row["expected"]]
    assert len(short) >= 3


def test_the_terminal_shows_recall_beside_the_curve(tmp_path):
    report = run_over(write_files(tmp_path / "in", 2), tmp_path / "run", self_test=True, preset="fineweb").report
    stream = io.StringIO()
    Console(file=stream, width=160).print(report_view(report))
    says = " ".join(stream.getvalue().split())
    row = report["self_tests"][0]["bins"][-1]
    assert f"{row['from']:.2f} to {row['to']:.2f} {row['pairs']} {row['found']} {row['recall']:.1%}" in says
    assert "610 edited copies of 61 documents, looked for beside the run" in says


def test_a_corpus_with_nothing_to_test_is_no_problem(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "0.jsonl").write_text('{"text": "short"}\n{"text": null}\n')
    (tmp_path / "in" / "1.jsonl").write_text("")
    run = run_over(tmp_path / "in", tmp_path / "run", method="minhash", self_test=True)
    assert run.report["self_tests"] == [{"step": "dedup", "kind": "self_test", "documents": 0, "pairs": 0, "bins": []}]


def test_a_sample_is_the_smallest_distinct_hashes_whatever_the_batches(monkeypatch):
    monkeypatch.setattr("corpus_forge.engine.self_test.SAMPLE", 5)
    rng = np.random.default_rng(2)
    picks = np.zeros(60, PICK_DTYPE)
    picks["hi"], picks["row"] = rng.integers(0, 20, 60), np.arange(60)
    found = picks[:0]
    for first in range(0, 60, 7):
        found = smallest(np.concatenate([found, picks[first : first + 7]]))
    assert found["hi"].tolist() == sorted(set(picks["hi"].tolist()))[:5]
    assert found["row"].tolist() == [picks["hi"].tolist().index(key) for key in found["hi"].tolist()]


@pytest.mark.parametrize("wrong", [{"method": "exact", "self_test": True}, {"method": "minhash", "self_test": "perhaps"}])
def test_parameters_that_cannot_be(tmp_path, wrong):
    with pytest.raises(RequestError, match="self_test"):
        run_over(tmp_path, tmp_path / "run", **wrong)
