"""Methods line, paragraph and substring in runs: what is cut, marked and dropped, for any split, order, buckets and batches."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from small_corpus import tree_digest
from span_oracle import cut, repeated_lines, repeated_substrings

import corpus_forge as cf
from corpus_forge.engine.workspace import Workspace
from corpus_forge.errors import RequestError
from corpus_forge.pipeline import Pipeline
from corpus_forge.steps.dedup.family import dedup

SPLITS = {"one": (40,), "three": (1, 17, 40), "four": (10, 10, 31, 40)}
"""Where each file ends; one of them is empty."""


def documents() -> list[str]:
    """Forty texts of lines, some shared; the seventh is a copy of the third, the ninth holds nothing but shared lines."""
    rng = random.Random(5)
    shared = ["Home | About | Contact", "Accept all cookies? Überall!", "日本語の文章がここにあります。" * 3, "---", ""]
    texts = []
    for number in range(40):
        lines = ["".join(rng.choice("abcdefgh é") for _ in range(rng.randint(5, 60))) for _ in range(rng.randint(1, 5))]
        lines += rng.sample(shared, rng.randint(0, 4))
        rng.shuffle(lines)
        texts.append("\n".join(lines) + ("\n" if number % 3 else ""))
    texts[6] = texts[2]
    texts[8] = "\n".join(shared[:3])
    return texts


def write_files(folder: Path, ends: tuple[int, ...], texts: list[str]) -> Path:
    folder.mkdir(parents=True)
    begin = 0
    for name, end in enumerate(ends):
        rows = "".join(json.dumps({"text": text, "url": f"u{begin + n}"}) + "\n" for n, text in enumerate(texts[begin:end]))
        (folder / f"{name}.jsonl").write_text(rows, "utf-8")
        begin = end
    return folder


def run_over(folder: Path, run: Path, **parameters: Any) -> cf.Run:
    sources = [{"name": "web", "format": "jsonl", "paths": [f"{folder}/*.jsonl"]}]
    pipeline = {"name": "spans", "sources": sources, "steps": [{"dedup": parameters}]}
    return Pipeline.from_dict(pipeline).run(run, executor="inline")


def kept(run: cf.Run) -> dict[str, str]:
    table = run.documents()
    return dict(zip(table["url"].to_pylist(), table["text"].to_pylist(), strict=True))


ORACLES = {
    "line": (lambda texts, **how: repeated_lines(texts, "\n", **how), {}),
    "paragraph": (lambda texts, **how: repeated_lines(texts, "\n\n", **how), {}),
    "substring": (lambda texts, **how: repeated_substrings(texts, 24, **how), {"length": 24}),
}


@pytest.mark.parametrize(("split", "keep"), [("one", "first"), ("three", "none"), ("four", "first")])
@pytest.mark.parametrize("method", ORACLES)
def test_a_run_cuts_what_the_oracle_cuts_for_any_split(tmp_path, method, keep, split):
    texts = documents()
    oracle, parameters = ORACLES[method]
    spans = oracle(texts, keep=keep)
    left = cut(texts, spans)
    expected = {f"u{n}": text for n, text in enumerate(left) if n not in {row for row, *_ in spans} or text.strip()}
    assert expected != {f"u{n}": text for n, text in enumerate(texts)}
    folder = write_files(tmp_path / "in", SPLITS[split], texts)
    run = run_over(folder, tmp_path / "run", method=method, keep=keep, buckets=3, **parameters)
    assert kept(run) == expected
    inside = {f"u{n}": sum(stop - start for row, start, stop in spans if row == n) for n in range(len(texts))}
    removed = run.removed().to_pylist()
    assert {row["url"]: (row["rule"], row["value"]) for row in removed} == {
        f"u{n}": (f"dedup.{method}", pytest.approx(inside[f"u{n}"] / len(text.encode())))
        for n, text in enumerate(texts)
        if f"u{n}" not in expected
    }
    counted = {row["kind"]: row["count"] for row in run.report["cleaned"]}
    assert counted.get(f"dedup.{method}: bytes cut", 0) == sum(inside[url] for url in expected)


@pytest.mark.parametrize("method", ORACLES)
def test_bytes_do_not_depend_on_buckets_runs_of_keys_or_pieces_of_windows(tmp_path, method, monkeypatch):
    folder, parameters = write_files(tmp_path / "in", SPLITS["four"], documents()), ORACLES[method][1]
    digest = tree_digest(run_over(folder, tmp_path / "a", method=method, **parameters).root)
    assert tree_digest(run_over(folder, tmp_path / "b", method=method, buckets=7, **parameters).root) == digest
    monkeypatch.setattr("corpus_forge.engine.keys.RUN_ROWS", 5)
    monkeypatch.setattr("corpus_forge.dedup.substrings.PIECE", 3)
    assert tree_digest(run_over(folder, tmp_path / "c", method=method, buckets=2, **parameters).root) == digest
    assert tree_digest(run_over(folder, tmp_path / "d", method=method, keep="none", **parameters).root) != digest


def test_marks_are_the_places_and_the_text_stays(tmp_path):
    texts = documents()
    run = run_over(write_files(tmp_path / "in", SPLITS["three"], texts), tmp_path / "run", method="line", action="mark")
    table = run.documents()
    assert table["text"].to_pylist() == texts
    places = [
        (row, span["start"], span["stop"]) for row, spans in enumerate(table["duplicate_lines"].to_pylist()) for span in spans
    ]
    assert places == repeated_lines(texts, "\n", keep="first")
    explained = run.explain(url="u6")
    assert json.dumps(explained, default=str).count('"start": 0') == 1


def test_drop_removes_those_full_of_copies_and_leaves_the_others_alone(tmp_path):
    texts = documents()
    spans = repeated_lines(texts, "\n", keep="first")
    shares = [sum(b - a for row, a, b in spans if row == n) / len(text.encode()) for n, text in enumerate(texts)]
    folder = write_files(tmp_path / "in", SPLITS["three"], texts)
    for drop_above, given in ((0.5, {}), (0.9, {"drop_above": 0.9})):
        run = run_over(folder, tmp_path / f"run{drop_above}", method="line", action="drop", **given)
        assert kept(run) == {f"u{n}": text for n, text in enumerate(texts) if shares[n] < drop_above}
        values = dict(zip(run.removed()["url"].to_pylist(), run.removed()["value"].to_pylist(), strict=True))
        assert values == {f"u{n}": pytest.approx(share) for n, share in enumerate(shares) if share >= drop_above}


def test_another_action_looks_for_nothing_again(tmp_path):
    folder = write_files(tmp_path / "in", SPLITS["three"], documents())
    run_over(folder, tmp_path / "run", method="substring", length=24)
    changed = run_over(folder, tmp_path / "run", method="substring", length=24, action="mark", merge=5)
    events = Workspace(changed.root).events()
    last = max(i for i, event in enumerate(events) if event["event"] == "run")
    assert {event["stage"] for event in events[last:] if event["event"] == "start"} == {"apply", "publish"}
    fresh = run_over(folder, tmp_path / "fresh", method="substring", length=24, action="mark", merge=5)
    assert tree_digest(changed.root) == tree_digest(fresh.root)


def test_scopes(tmp_path):
    for name in ("a", "b"):
        write_files(tmp_path / name, (1, 2), ["shared line\nown of " + name, "shared line\nsecond of " + name])
    sources = [{"name": name, "format": "jsonl", "paths": [f"{tmp_path / name}/*.jsonl"]} for name in ("a", "b")]
    counts = {}
    for scope in ("run", "source", "shard"):
        step = {"dedup": {"method": "line", "scope": scope}}
        run = Pipeline.from_dict({"name": "s", "sources": sources, "steps": [step]}).run(tmp_path / scope, executor="inline")
        counts[scope] = sum("shared" in text for text in run.documents()["text"].to_pylist())
    assert counts == {"run": 1, "source": 2, "shard": 4}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"method": "line", "normalize": "whitespace"}, "normalize: 'whitespace' is not known"),
        ({"method": "line", "min_count": 1}, "min_count"),
        ({"method": "substring", "length": 4}, "length"),
        ({"method": "substring", "action": "cat"}, "action"),
        ({"method": "line", "length": 100}, "`length` belongs to method: substring, and the method is line"),
        ({"method": "line", "drop_above": 0}, "drop_above"),
    ],
)
def test_wrong_parameters_are_refused(wrong, said):
    with pytest.raises((ValueError, RequestError), match=said):
        dedup.make(wrong)


def test_lines_count_where_a_column_has_the_same_value(tmp_path):
    rows = [("shared\nown a", "x"), ("shared\nown b", "x"), ("shared\nown c", "y"), ("shared\nown d", None)]
    (tmp_path / "in").mkdir()
    lines = "".join(json.dumps({"text": text, "dump": dump}) + "\n" for text, dump in rows)
    (tmp_path / "in" / "0.jsonl").write_text(lines)
    source = {"name": "web", "format": "jsonl", "paths": [f"{tmp_path}/in/*.jsonl"], "columns": {"dump": "dump"}}
    told = {"name": "p", "sources": [source], "steps": [{"dedup": {"method": "line", "within": "dump"}}]}
    run = Pipeline.from_dict(told).run(tmp_path / "run", executor="inline")
    assert run.documents()["text"].to_pylist() == ["shared\nown a", "own b", "shared\nown c", "shared\nown d"]
    told["steps"][0]["dedup"]["within"] = "dmup"
    with pytest.raises(RequestError, match="documents of source 'web' have no column 'dmup' here"):
        Pipeline.from_dict(told).run(tmp_path / "other", executor="inline")
