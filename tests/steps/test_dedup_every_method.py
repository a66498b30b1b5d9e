"""What holds for every method of `dedup`: splits, order of work, sizes of batches and bad documents change nothing.

A method without parameters here fails the first test.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from small_corpus import tree_digest

import corpus_forge as cf
from corpus_forge.engine.executor import InlineExecutor, Result
from corpus_forge.steps.dedup.family import dedup

METHODS: dict[str, dict[str, Any]] = {
    "bloom": {"ngram": 4, "min_ngram": 2, "threshold": 0.5},
    "exact": {"normalize": "whitespace"},
    "line": {"min_count": 3},
    "minhash": {"preset": "fineweb", "verify": 0.5, "keep": "longest"},
    "paragraph": {},
    "substring": {"length": 40},
    "url": {},
}
DOCUMENTS = 48
BAD = [
    {"text": None, "url": "http://a.b/"},
    {"text": "", "url": None},
    {"text": " \n\t\u3000\n\n", "url": "not a url"},
    {"text": "\x00\x01\ufeff\u200b", "url": "http://[::1"},
    {"text": "w" * 70_000, "url": "http://a.b:99999/"},
    {"text": "\n" * 5_000, "url": ""},
    {"text": "e\u0301\U0001f468\u200d\U0001f469 " * 50, "url": "http://\u00fc.de/%zz?&&=#"},
    {"text": "日本語" * 300, "url": "x" * 5_000},
    {"text": "one\r\ntwo\rthree\u2028four" * 3, "url": "HTTP://A.B/../c"},
]


def rows() -> list[dict[str, Any]]:
    rng = random.Random(21)
    words = ["".join(rng.choices("abcdefgh", k=5)) for _ in range(400)]
    notice = "This notice is below every page of the site, whoever reads it."
    texts: list[str] = []
    for number in range(DOCUMENTS):
        lines = [" ".join(rng.choices(words, k=rng.randint(8, 20))) for _ in range(rng.randint(2, 6))]
        text = "\n\n".join([*lines, notice] if number % 4 else lines)
        texts.append(rng.choice(texts) + (" " if number % 2 else " more") if number % 5 == 4 else text)
    return [{"text": text, "url": f"https://e.org/{rng.randrange(30)}/", "n": n} for n, text in enumerate(texts)]


def pipeline_over(folder: Path, rows: list[dict[str, Any]], files: int, *methods: str) -> cf.Pipeline:
    (folder / f"in{files}").mkdir(exist_ok=True)
    for n in range(files):
        part = rows[n * len(rows) // files : (n + 1) * len(rows) // files]
        (folder / f"in{files}" / f"{n}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in part))
    source = {"name": "web", "format": "jsonl", "paths": [f"{folder}/in{files}/*.jsonl"], "columns": {"n": "n"}}
    waves = {"buckets": files}
    steps = [{"dedup": {"method": name, **METHODS[name], **(waves if name != "bloom" else {})}} for name in methods]
    return cf.Pipeline.from_dict({"name": "p", "sources": [source], "steps": steps})


def run_over(folder: Path, rows: list[dict[str, Any]], files: int, run: str, method: str) -> cf.Run:
    return pipeline_over(folder, rows, files, method).run(folder / run, executor="inline")


def outcome_of(run: cf.Run) -> tuple[list[tuple[int, str]], list[tuple[int, float | None]]]:
    """(number, text) of what stays, and (number, value) of what left."""
    kept, gone = run.documents(), run.removed().to_pylist()
    left = [(json.loads(row["measured"])["n"], row["value"]) for row in gone]
    return list(zip(kept["n"].to_pylist(), kept["text"].to_pylist(), strict=True)), left


def test_every_method_is_here():
    assert sorted(METHODS) == list(dedup.members)


@pytest.mark.parametrize("method", METHODS)
def test_splits_order_and_batches_change_nothing(tmp_path, method, monkeypatch):
    documents = rows()
    first = run_over(tmp_path, documents, 3, "first", method)
    assert outcome_of(first) != ([(row["n"], row["text"]) for row in documents], [])

    def backwards(self: InlineExecutor, timeout: float) -> list[Result]:
        self._queue.rotate(1)
        return forwards(self, timeout)

    forwards = InlineExecutor.wait
    monkeypatch.setattr(InlineExecutor, "wait", backwards)
    assert tree_digest(run_over(tmp_path, documents, 3, "backwards", method).root) == tree_digest(first.root)
    monkeypatch.setattr("corpus_forge.io.batches.BATCH_ROWS", 5)
    assert outcome_of(run_over(tmp_path, documents, 7, "seven", method)) == outcome_of(first)


@pytest.mark.parametrize("method", METHODS)
def test_bad_documents_are_counted_and_cost_nobody_else(tmp_path, method):
    good = rows()
    mixed = [row for pair in zip(good, (BAD * 6)[: len(good)], strict=True) for row in pair]
    run = run_over(tmp_path, [{**row, "n": n} for n, row in enumerate(mixed)], 3, "mixed", method)
    assert run.report["accounts"] == {"balance": True, "findings": []}
    assert run.report["totals"]["records_in"] == 2 * DOCUMENTS
    assert run.record["status"] == "complete"
    if method in ("exact", "minhash", "line", "paragraph", "substring"):
        alone = {text for _, text in outcome_of(run_over(tmp_path, good, 1, "alone", method))[0]}
        assert alone <= {text for _, text in outcome_of(run)[0]}
    bad = run_over(tmp_path, [{**row, "n": n} for n, row in enumerate(BAD)], 1, "bad", method)
    assert bad.report["accounts"]["balance"]


IN_TURN = ("url", "exact", "line", "minhash", "paragraph", "substring", "bloom")


class Killed(BaseException):
    """Stands for kill -9: nothing after it runs, no handler sees it as an error."""


def test_kills_all_the_way_through_every_method_change_no_byte(tmp_path, monkeypatch):
    """Each attempt is cut at a drawn one of its steps towards the disk, each later than the one before, until one ends."""
    pipeline = pipeline_over(tmp_path, rows(), 3, *IN_TURN)
    assert set(IN_TURN) == set(METHODS)
    draw, kills, left = random.Random(4), 0, 0

    def counted(real: Any) -> Any:
        def call(*arguments: Any, **keywords: Any) -> Any:
            nonlocal left
            left -= 1
            if not left:
                raise Killed
            return real(*arguments, **keywords)

        return call

    with monkeypatch.context() as patch:
        for name in ("fsync", "link"):
            patch.setattr(os, name, counted(getattr(os, name)))
        patch.setattr(Path, "replace", counted(Path.replace))
        while True:
            left = 60 * kills + draw.randint(20, 60)
            try:
                pipeline.run(tmp_path / "run", executor="inline")
                break
            except Killed:
                kills += 1
    assert kills > 3
    assert tree_digest(tmp_path / "run") == tree_digest(pipeline.run(tmp_path / "calm", executor="inline").root)


@pytest.mark.ray
def test_one_two_and_four_workers_give_the_bytes_of_the_inline_executor(tmp_path, ray_cluster):
    pipeline = pipeline_over(tmp_path, rows(), 4, *IN_TURN)
    digest = tree_digest(pipeline.run(tmp_path / "inline", executor="inline").root)
    for workers in (1, 2, 4):
        run = pipeline.run(tmp_path / f"ray{workers}", executor="ray", workers=workers)
        assert tree_digest(run.root) == digest, workers
