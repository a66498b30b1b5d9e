"""Runs over several sources: what they have in common is in the report, for any split; weights by the size of a cluster."""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from small_corpus import tree_digest

import corpus_forge as cf
from corpus_forge.errors import RequestError
from corpus_forge.report.terminal import report_view

TEXTS = {
    "wiki": ["an article about rivers", "an article about stones", "an article about light"],
    "web": ["an article about rivers", "a page", "a page", "an article about rivers", "another page", "one more"],
    "books": ["a book", "an article about stones", "another page", "a book", "a book", "a book", "a book", "a book"],
}
COUNTS = [[0, 1, 1], [2, 4, 1], [1, 1, 6]]
"""Documents of each (row) that have a copy in each (column), in the order of TEXTS."""


def run_over(folder: Path, run: Path, files: int = 1, **dedup: Any) -> cf.Run:
    sources = []
    for name, texts in TEXTS.items():
        (folder / f"{name}{files}").mkdir(exist_ok=True)
        for n in range(files):
            part = texts[n * len(texts) // files : (n + 1) * len(texts) // files]
            lines = "".join(json.dumps({"text": f"{text} " * 6}) + "\n" for text in part)
            (folder / f"{name}{files}" / f"{n}.jsonl").write_text(lines)
        sources.append({"name": name, "format": "jsonl", "paths": [f"{folder}/{name}{files}/*.jsonl"]})
    return cf.Pipeline.from_dict({"name": "p", "sources": sources, "steps": [{"dedup": dedup}]}).run(run, executor="inline")


@pytest.mark.parametrize("dedup", [{"method": "exact"}, {"method": "exact", "keep": "longest"}, {"method": "minhash"}], ids=str)
@pytest.mark.parametrize("files", [1, 3])
def test_the_report_says_what_sources_have_in_common(tmp_path, dedup, files):
    run = run_over(tmp_path, tmp_path / "run", files, buckets=3, **dedup)
    expected = {"step": "dedup", "sources": list(TEXTS), "documents": [3, 6, 8], "earlier": [], "counts": COUNTS}
    assert run.report["overlap"] == [expected]
    again = run_over(tmp_path, tmp_path / "run", files, buckets=3, **dedup)
    assert again.report["overlap"] == [expected]
    assert sum(stage["tasks"] - stage["reused"] for stage in again.record["stages"]) == 0


def test_earlier_runs_are_columns_and_one_source_alone_is_not_told(tmp_path):
    run_over(tmp_path, tmp_path / "old", method="exact")
    run = run_over(tmp_path, tmp_path / "new", 3, method="exact", against=str(tmp_path / "old"))
    [section] = run.report["overlap"]
    assert section["earlier"] == ["old"]
    assert [row[3] for row in section["counts"]] == [3, 6, 8]
    assert run.documents().num_rows == 0
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "0.jsonl").write_text('{"text": "a"}\n{"text": "a"}\n')
    alone = {"name": "alone", "format": "jsonl", "paths": [f"{tmp_path}/alone/*.jsonl"]}
    made = cf.Pipeline.from_dict({"name": "p", "sources": [alone], "steps": [{"dedup": "exact"}]}).run(
        tmp_path / "run", executor="inline"
    )
    assert made.report["overlap"] == []


def test_the_terminal_shows_the_matrix_or_the_largest_entries(tmp_path):
    report = run_over(tmp_path, tmp_path / "run", method="exact").report
    assert " ".join(shown(report).split()).count("web 6 2 (33.3%) 4 (66.7%) 1 (16.7%)") == 1
    [section] = report["overlap"]
    many = {
        **section,
        "earlier": [f"r{n}" for n in range(6)],
        "counts": [[*row, 0, 0, 7, 0, 0, 0] for row in section["counts"]],
    }
    says = " ".join(shown({**report, "overlap": [many]}).split())
    assert "wiki run r2 7 (233.3%) web run r2 7 (116.7%) books run r2 7 (87.5%) books books 6 (75.0%)" in says


def shown(report: dict[str, Any]) -> str:
    stream = io.StringIO()
    Console(file=stream, width=200).print(report_view(report))
    return stream.getvalue()


@pytest.mark.parametrize("method", ["exact", "minhash"])
def test_weights_follow_the_size_of_the_cluster(tmp_path, method):
    plain = run_over(tmp_path, tmp_path / "plain", 3, method=method)
    run = run_over(tmp_path, tmp_path / "run", 3, method=method, weight_by="cluster_size")
    sizes = Counter(text for texts in TEXTS.values() for text in texts)
    table = run.documents()
    weighed = dict(
        zip(
            (text[: len(text) // 6 - 1] for text in table["text"].to_pylist()), table["cluster_weight"].to_pylist(), strict=True
        )
    )
    assert weighed == {text: {1: 1.0, 2: 3.0, 3: 3.0, 6: 5.0}[size] for text, size in sizes.items()}
    assert table["cluster_size"].to_pylist() == [sizes[text] for text in weighed]
    assert table["id"].to_pylist() == plain.documents()["id"].to_pylist()


def test_other_weights_find_nothing_again(tmp_path):
    run_over(tmp_path, tmp_path / "run", method="minhash", weight_by="cluster_size")
    how = {"method": "minhash", "weight_by": "cluster_size", "weights": {1: 0.5, 3: 2}}
    run = run_over(tmp_path, tmp_path / "run", **how)
    assert sorted(set(run.documents()["cluster_weight"].to_pylist())) == [0.5, 2.0]
    assert {s["name"] for s in run.record["stages"] if s["tasks"] > s["reused"]} == {"apply", "publish"}
    assert tree_digest(run.root) == tree_digest(run_over(tmp_path, tmp_path / "fresh", **how).root)


def test_a_mixture_reads_what_has_many_copies_more_often(tmp_path):
    """docs/dedup.md's recipe: a part for each weight, read as many times as it says."""
    rows = [f"text {n} has something to say about {n * n} and {n**3}. " * 9 for n in range(60)]
    rows += [text for n, text in enumerate(rows) for _ in range({0: 2, 1: 7}.get(n % 4, 0))]
    (tmp_path / "0.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in rows))
    often = {f"times_{w}": {"source": "web", "where": {"cluster_weight": [w, w]}, "epochs": w} for w in (3, 5)}
    told = {
        "name": "p",
        "sources": [{"name": "web", "format": "jsonl", "paths": [str(tmp_path / "0.jsonl")]}],
        "steps": [{"dedup": {"method": "exact", "weight_by": "cluster_size"}}],
        "tokenize": {"train": {"vocab_size": 400}, "seq_len": 128},
        "mix": {"parts": {**often, "once": {"source": "web", "epochs": 1}}},
    }
    run = cf.Pipeline.from_dict(told).run(tmp_path / "run", executor="inline")
    table = {part["part"]: part for part in run.record["mixture"]["parts"]}
    assert {name: part["epochs"] for name, part in table.items()} == {"times_3": 3.0, "times_5": 5.0, "once": 1.0}
    assert run.verify(sample=60) == []
    dataset = run.tokens()
    held = {
        name: {uid for number in dataset.shard_numbers(source=name) for uid in dataset.shard(number).doc_uid.tolist()}
        for name in table
    }
    assert {name: sorted({uid % 4 for uid in found}) for name, found in held.items()} == {
        "times_3": [0],
        "times_5": [1],
        "once": [2, 3],
    }


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"weights": {1: 1}}, "weights need `weight_by: cluster_size`"),
        ({"weight_by": "cluster_size", "weights": {2: 1}}, "from size 1 on"),
        ({"weight_by": "cluster_size", "weights": {1: -1}}, "between 0 and a million"),
        ({"weight_by": "size"}, "cluster_size"),
    ],
)
def test_weights_that_cannot_be(tmp_path, wrong, says):
    with pytest.raises(RequestError, match=says):
        run_over(tmp_path, tmp_path / "run", method="exact", **wrong)
