"""`decontaminate`: what becomes of documents that hold evaluation items, what reports say, and sets that cannot be read."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError
from rich.console import Console
from small_corpus import tree_digest

import corpus_forge as cf
from corpus_forge.errors import ConfigError, InputError
from corpus_forge.report.terminal import report_view
from corpus_forge.steps.contaminated import Treatment, pieces_between
from corpus_forge.steps.decontaminate import DecontaminateStep

ITEMS = [" ".join(f"{letter}{k}" for k in range(20)) for letter in "qrs"]
SHORT = "two plus two"


@pytest.fixture
def quiz(tmp_path: Path) -> Path:
    """Three items that can match and one that cannot; a record without the field and one that is blank."""
    lines = [{"question": item} for item in [*ITEMS, SHORT]] + [{"other": 1}, {"question": " "}]
    path = tmp_path / "quiz.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def step(path: Path | str, **parameters) -> DecontaminateStep:
    return DecontaminateStep.model_validate(
        {"sets": [{"name": "quiz", "paths": str(path), "fields": "question"}], **parameters}
    )


def outcome_of(made: DecontaminateStep, *texts: str | None):
    return made.start()(pa.record_batch({"text": pa.array(texts, pa.large_string())}))


def test_documents_with_an_item_leave_and_say_which_and_where(quiz):
    text = f"Ä. {ITEMS[1].upper()}! And {' '.join(ITEMS[0].split()[:13])}."
    outcome = outcome_of(step(quiz), "clean", text, None, f"{SHORT} {' '.join(ITEMS[2].split()[:12])}")
    assert list(outcome.removed) == [1]
    rule, value, detail = outcome.removed[1]
    assert (rule, value) == ("decontaminate.quiz", 1.0)
    start = text.index("And") + 4
    stop = text.index("! And")
    assert detail == f"quiz:0 at {start}-{len(text) - 1} (12% of its n-grams); quiz:1 at 3-{stop} (100% of its n-grams)"
    assert outcome.found == {"quiz": 1, "quiz:0": 1, "quiz:1": 1}


def test_marked_documents_stay_and_say_it_in_a_column(quiz):
    made = step(quiz, action="mark")
    outcome = outcome_of(made, "clean", f"So: {ITEMS[2]}")
    assert not outcome.removed
    assert made.measures() == ("contamination",)
    clean, [find] = outcome.batch["contamination"].to_pylist()
    assert clean == []
    assert (find["set"], find["item"], find["ngrams"], find["start"], find["stop"]) == ("quiz", "2", 8, 4, 4 + len(ITEMS[2]))
    assert outcome.cleaned == {"contaminated documents marked": 1}


def test_cut_takes_what_is_shared_out_and_keeps_the_rest(quiz):
    outcome = outcome_of(step(quiz, action="cut"), f"Before, {ITEMS[0]}; after é. {ITEMS[1]}", "clean ", ITEMS[2])
    assert outcome.batch["text"].to_pylist()[:2] == ["Before,\n\n; after é.", "clean "]
    assert list(outcome.removed) == [2]
    assert outcome.removed[2].detail.startswith("nothing left; quiz:2 at 0-")
    assert outcome.cleaned == {"contaminated documents cut": 1}
    assert outcome.found == {"quiz": 2, "quiz:0": 1, "quiz:1": 1, "quiz:2": 1}


def test_a_document_of_too_many_pieces_leaves(quiz):
    text = " and ".join(ITEMS)
    assert "2 pieces left" in outcome_of(step(quiz, action="cut", max_pieces=1), text).removed[0].detail
    assert outcome_of(step(quiz, action="cut", max_pieces=2), text).batch["text"].to_pylist() == ["and\n\nand"]


def test_pieces_are_what_margins_leave():
    text = "0123456789" * 3
    how = Treatment("cut", 2, 3, 10)
    assert pieces_between(text, [(10, 12), (16, 17)], how) == ["01234567", "9012345678" + "9"]
    assert pieces_between(text, [(0, 30)], how) == []
    assert pieces_between(text, [(1, 2), (28, 29)], how) == [text[4:26]]


def test_an_item_of_several_sets_is_counted_in_each_and_leaves_by_the_larger_share(quiz, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text(" ".join(ITEMS[0].split()[:15]) + "\n\nanother paragraph\n")
    sets = [
        {"name": "quiz", "paths": str(quiz), "fields": ["question"]},
        {"name": "other", "paths": [str(other)], "ngram": 8},
    ]
    made = DecontaminateStep.model_validate({"sets": sets})
    text = " ".join(ITEMS[0].split()[:15])
    outcome = outcome_of(made, text)
    assert outcome.removed[0].rule == "decontaminate.other"
    assert outcome.found == {"other": 1, "other:0": 1, "quiz": 1, "quiz:0": 1}
    assert [(one["name"], one["ngram"]) for one in made.facts()["sets"]] == [("quiz", 13), ("other", 8)]


def test_sets_are_read_in_any_format_and_compression_and_fields_are_looked_for_apart(tmp_path):
    rows = [{"q": "a b c", "a": "d e f"}, {"q": "u v w", "a": None}, {"q": None, "a": None}]
    (tmp_path / "set.jsonl.gz").write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "set.parquet")
    for name in ("set.jsonl.gz", "set.parquet"):
        one = {"name": "s", "paths": str(tmp_path / name), "fields": ["q", "a"], "ngram": 3}
        made = DecontaminateStep.model_validate({"sets": one})
        [facts] = made.facts()["sets"]
        assert (facts["items"], facts["can_match"], facts["skipped"]) == (2, 2, {"record:no_text": 1}), name
        assert outcome_of(made, "b c d", "d e f", "u v w").found == {"s": 2, "s:0": 1, "s:1": 1}, name
    both = {"name": "s", "paths": str(tmp_path / "set.*"), "format": "jsonl", "fields": "q", "ngram": 3}
    (tmp_path / "set.parquet").write_text('{"q": "x y z"}\n')
    found = outcome_of(DecontaminateStep.model_validate({"sets": both}), "x y z", "u v w").found
    assert found == {"s": 2, "s:set.jsonl.gz:1": 1, "s:set.parquet:0": 1}


def test_joined_fields_have_grams_across_them(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text('{"q": "a b", "a": "c d"}\n{"q": "w x y", "a": null}\n')
    one = {"name": "s", "paths": str(path), "fields": ["q", "a"], "ngram": 3}
    apart = DecontaminateStep.model_validate({"sets": one})
    joined = DecontaminateStep.model_validate({"sets": {**one, "joined": True}})
    assert outcome_of(apart, "a b c d", "w x y").found == {"s": 1, "s:1": 1}
    assert outcome_of(joined, "a b c d", "w x y").found == {"s": 2, "s:0": 1, "s:1": 1}
    assert [made.facts()["sets"][0]["can_match"] for made in (apart, joined)] == [1, 2]


def test_facts_count_what_cannot_match_and_what_was_not_read(quiz):
    [facts] = step(quiz).facts()["sets"]
    counted = {"items": 4, "can_match": 3, "too_short": 1, "skipped": {"record:empty_text": 1, "record:no_text": 1}}
    assert {key: facts[key] for key in counted} == counted
    assert step(quiz).remarks() == ["quiz: 3 of 4 items have 13 words or more and can be found"]


def test_content_is_identity_and_paths_are_not(quiz, tmp_path):
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(quiz.read_bytes())
    assert step(copy).identity() == step(quiz).identity()
    copy.write_text('{"question": "another"}\n')
    assert step(copy).identity() != step(quiz).identity()
    assert step(quiz, min_overlap=0.5).identity() != step(quiz).identity()


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (None, "absent.jsonl", "no such file"),
        (b"{}\n", "set.jsonl", "no record has the text of an item in the field question. Records: 1 record:no_text"),
        (b'{"question": "a"}\n', "set.data", "does not say what format"),
        (gzip.compress(b'{"question": "a b"}\n' * 9999)[:-60], "set.jsonl.gz", "cannot be read whole"),
        (b"no parquet", "set.parquet", "cannot be read whole"),
    ],
)
def test_sets_that_cannot_be_read_are_said_before_the_run(tmp_path, content, name, says):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    made = step(tmp_path / name)
    [problem] = made.problems()
    assert problem.startswith("set quiz: ")
    assert says in problem
    with pytest.raises((ConfigError, InputError), match=name.partition(".")[0]):
        made.start()


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"margin": 5}, "margin is for action: cut"),
        ({"sets": []}, "at least 1"),
        ({"sets": [{"name": "a", "paths": "x"}, {"name": "a", "paths": "y"}]}, "two sets are named 'a'"),
        ({"sets": [{"name": "a:b", "paths": "x"}]}, "pattern"),
        ({"normalize": ["loewr"]}, "loewr"),
    ],
)
def test_parameters_that_cannot_be(parameters, says):
    with pytest.raises((ValidationError, cf.RequestError), match=says):
        step("x", **parameters)


def pipeline(tmp_path: Path, quiz: Path, files: int) -> dict:
    """The same fifteen documents in so many files."""
    texts = [f"document {k} about nothing" + (f". {ITEMS[k // 5]}" if k % 5 == 0 else "") for k in range(15)]
    folder = tmp_path / f"in{files}"
    folder.mkdir(exist_ok=True)
    for n in range(files):
        part = texts[n * 15 // files : (n + 1) * 15 // files]
        (folder / f"{n}.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in part))
    sets = [{"name": "quiz", "paths": [str(quiz)], "fields": ["question"]}]
    return {
        "name": "p",
        "sources": [{"name": "web", "format": "jsonl", "paths": [f"{folder}/*.jsonl"]}],
        "steps": [{"decontaminate": {"sets": sets}}],
    }


def test_a_run_reports_items_found_however_it_is_cut_into_shards(tmp_path, quiz):
    sections = []
    for files in (1, 3):
        run = cf.Pipeline.from_dict(pipeline(tmp_path, quiz, files)).run(tmp_path / f"run{files}", executor="inline")
        sections.append(run.report["contamination"])
        assert run.documents().num_rows == 12
    assert sections[0] == sections[1]
    [section] = sections[0]
    [counts] = section["sets"]
    wanted = {"items": 4, "can_match": 3, "too_short": 1, "items_found": 3, "documents": 3, "removed": 3}
    assert {key: counts[key] for key in wanted} == wanted
    assert counts["found"] == {"0": 1, "1": 1, "2": 1}
    stream = io.StringIO()
    Console(file=stream, width=120).print(report_view(run.report))
    [line] = [line.split() for line in stream.getvalue().splitlines() if line.strip().startswith("quiz")]
    assert line == ["quiz", "13", "4", "3", "3", "3", "3"]
    assert json.loads((tmp_path / "run3" / "report.json").read_text())["contamination"] == sections[0]


def test_marks_are_published_and_explained_and_reruns_give_the_same_bytes(tmp_path, quiz):
    told = pipeline(tmp_path, quiz, 3)
    told["steps"][0]["decontaminate"]["action"] = "mark"
    first = cf.Pipeline.from_dict(told).run(tmp_path / "a", executor="inline")
    cf.Pipeline.from_dict(told).run(tmp_path / "b", executor="inline")
    assert tree_digest(tmp_path / "a") == tree_digest(tmp_path / "b")
    marked = [finds for finds in first.documents()["contamination"].to_pylist() if finds]
    assert [finds[0]["item"] for finds in marked] == ["0", "1", "2"]
    assert "quiz" in json.dumps(first.explain(id=0), default=str)


@pytest.mark.data
def test_a_run_over_planted_documents_removes_those_with_an_item_and_no_other(tmp_path, test_data):
    """23 documents hold a question of GSM8K; 10 are clean, and 7 hold eight words of one, which is too few at 13."""
    truth = [json.loads(line) for line in (test_data / "truth_contamination.jsonl").read_text("utf-8").splitlines()]
    planted = {row["id"] for row in truth if row["contaminated"]}
    short = {row["id"] for row in truth if not row["contaminated"] and row["item"] is not None}
    clean = {row["id"] for row in truth if not row["contaminated"] and row["item"] is None}
    assert (len(planted), len(clean), len(short)) == (23, 10, 7)
    source = {
        "name": "docs",
        "format": "jsonl",
        "paths": [str(test_data / "sources/contamination/docs.json.gz")],
        "columns": {"name": "id"},
    }
    sets = [{"name": "gsm8k", "paths": [str(test_data / "eval_sets/gsm8k/test.jsonl")], "fields": ["question"]}]
    told = {"name": "p", "sources": [source], "steps": [{"decontaminate": {"sets": sets, "ngram": 13}}]}
    run = cf.Pipeline.from_dict(told).run(tmp_path / "run", executor="inline")
    assert {json.loads(row["measured"])["name"] for row in run.removed().to_pylist()} == planted
    assert set(run.documents()["name"].to_pylist()) >= clean | short
    [section] = run.report["contamination"]
    assert section["sets"][0]["documents"] == section["sets"][0]["removed"] == 23
    assert set(section["sets"][0]["found"]) == {str(row["item"]) for row in truth if row["contaminated"]}
