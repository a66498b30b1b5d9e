"""`dedup: bloom`: what is cut and what leaves, in input order, the same for any shards; what the report and `plan` say."""

from __future__ import annotations

import io
import json
from pathlib import Path

import bloom_oracle
import pytest
from pydantic import ValidationError
from rich.console import Console
from small_corpus import tree_digest

import corpus_forge as cf
from corpus_forge.report.terminal import report_view
from corpus_forge.steps.dedup.bloom import BloomDedup

NOTICE = "this notice is below every page of the site and says nothing that anybody would want to read twice"
OWN = [" ".join(f"{letter}{k}" for k in range(60)) for letter in "abcde"]
TEXTS = [*(f"{own}\n{NOTICE}" for own in OWN[:4]), f"{OWN[4]}\n", OWN[0], f"{NOTICE}\n{OWN[2]}\nnew words"]


def pipeline(folder: Path, files: int, **parameters) -> cf.Pipeline:
    (folder / f"in{files}").mkdir(exist_ok=True)
    for n in range(files):
        part = TEXTS[n * len(TEXTS) // files : (n + 1) * len(TEXTS) // files]
        lines = "".join(json.dumps({"text": text, "url": f"u{text[:2]}"}) + "\n" for text in part)
        (folder / f"in{files}" / f"{n}.jsonl").write_text(lines)
    source = {"name": "web", "format": "jsonl", "paths": [f"{folder}/in{files}/*.jsonl"]}
    return cf.Pipeline.from_dict({"name": "b", "sources": [source], "steps": [{"dedup": {"method": "bloom", **parameters}}]})


def texts_of(run: cf.Run) -> list[str]:
    return run.documents()["text"].to_pylist()


@pytest.mark.parametrize(
    ("level", "left"),
    [
        ("paragraph", [TEXTS[0], *(own for own in OWN[1:4]), f"{OWN[4]}\n", "new words"]),
        ("both", [TEXTS[0], *(own for own in OWN[1:4]), f"{OWN[4]}\n"]),
        ("document", [*TEXTS[:5], TEXTS[6]]),
    ],
)
def test_levels(tmp_path, level, left):
    # At the rate of 0.01 one n-gram in a hundred is taken for seen, which is enough to tip a document at the threshold.
    run = pipeline(tmp_path, 1, level=level, false_positive_rate=1e-9).run(tmp_path / "run", executor="inline")
    assert texts_of(run) == left
    assert set(run.removed()["rule"].to_pylist()) == {"dedup.bloom"}


def test_shards_workers_and_reruns_change_nothing(tmp_path):
    runs = [pipeline(tmp_path, files).run(tmp_path / f"run{files}", executor="inline") for files in (1, 3, 7)]
    assert len({tuple(texts_of(run)) for run in runs}) == 1
    assert len({json.dumps(run.report["filters"]) for run in runs}) == 1
    again = pipeline(tmp_path, 3).run(tmp_path / "again", executor="inline")
    assert tree_digest(tmp_path / "again") == tree_digest(tmp_path / "run3")
    assert texts_of(again) == texts_of(runs[0])


def test_what_leaves_is_what_the_oracle_lets_go(tmp_path):
    run = pipeline(tmp_path, 3, level="paragraph", action="mark", ngram=4, min_ngram=2, threshold=0.5).run(
        tmp_path / "run", executor="inline"
    )
    [facts] = run.report["filters"]
    units = bloom_oracle.units_of(TEXTS, 4, 2, (), False)
    leaving, _, seen = bloom_oracle.walk(units, 8 * facts["bytes"], facts["hashes"], 0.5, False)
    marks = run.documents()["duplicate_paragraphs"].to_pylist()
    marked = {(row, place) for row, spans in enumerate(marks) for span in spans for place in range(span["start"], span["stop"])}
    assert marked == {(row, place) for row, start, stop in leaving for place in range(start, stop)}
    assert len(leaving) == 6
    assert facts["bits_set"] == len(seen)
    assert facts["ngrams"] == sum(len(unit.grams) for unit in units)


def test_another_threshold_lists_nothing_again(tmp_path):
    pipeline(tmp_path, 3).run(tmp_path / "run", executor="inline")
    rows = {stage.name: stage for stage in pipeline(tmp_path, 3, threshold=0.5).plan(tmp_path / "run").stages}
    assert rows["dedup: list"].to_run == 0
    assert rows["dedup: walk"].to_run == 1
    rows = {stage.name: stage for stage in pipeline(tmp_path, 3, action="mark").plan(tmp_path / "run").stages}
    assert rows["dedup: walk"].to_run == 0


def test_the_report_says_how_often_the_filter_was_wrong(tmp_path):
    run = pipeline(tmp_path, 1, level="paragraph").run(tmp_path / "run", executor="inline")
    [facts] = run.report["filters"]
    assert facts["expected_ngrams"] == facts["ngrams"] > facts["entries"] > 0
    assert 0 < facts["false_positive_rate"] < facts["expected_rate"] <= 0.0101
    stream = io.StringIO()
    Console(file=stream, width=300).print(report_view(run.report))
    assert f"dedup: a filter of {facts['bytes']} B, {facts['hashes']} hashes; {facts['contained']} of" in stream.getvalue()


def test_plan_says_the_memory():
    assert BloomDedup().remarks()[0].startswith("a filter of 1.20 bytes for each n-gram")
    [given] = BloomDedup(expected_ngrams="100B").remarks()
    assert given == "a filter of 120 GB, 7 hashes, in one task; false-positive rate 0.01 at 100,000,000,000 n-grams"
    assert BloomDedup(size="1GiB", expected_ngrams="1B").remarks()[0].startswith("a filter of 1.1 GB, 6 hashes")
    assert BloomDedup(size="1GiB").remarks() == ["a filter of 1.1 GB, 32 hashes, in one task"]


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"ngram": 5}, "min_ngram: 13 is more than ngram, 5"),
        ({"threshold": 1.0}, "less than 1"),
        ({"false_positive_rate": 0}, "greater than 0"),
        ({"normalize": "loewr"}, "loewr"),
        ({"level": "word"}, "paragraph"),
    ],
)
def test_parameters_that_cannot_be(parameters, says):
    with pytest.raises((ValidationError, cf.RequestError), match=says):
        BloomDedup.model_validate(parameters)


def test_an_empty_corpus_is_no_problem(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "0.jsonl").write_text('{"text": "short"}\n')
    source = {"name": "web", "format": "jsonl", "paths": [f"{tmp_path}/in/*.jsonl"]}
    told = {"name": "b", "sources": [source], "steps": [{"dedup": {"method": "bloom"}}]}
    assert texts_of(cf.Pipeline.from_dict(told).run(tmp_path / "run", executor="inline")) == ["short"]
