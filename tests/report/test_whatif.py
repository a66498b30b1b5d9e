"""What `whatif` says of other intervals is what a rerun with them does."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from small_corpus import WORDS, make_text

from corpus_forge.cli.app import main
from corpus_forge.errors import ConfigError, RequestError
from corpus_forge.pipeline import Pipeline, Run

EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "data"
FILTERS = [{"filter": "gopher_quality"}, {"filter": "gopher_repetition"}, {"filter": {"rules": "fineweb"}}, {"filter": "c4"}]


def write_corpus(folder: Path) -> Path:
    """Texts of one to eight lines, some repeated, some without a full stop, some with braces."""
    rng = random.Random(7)
    for n in range(3):
        rows = []
        for i in range(60):
            lines = [make_text(rng, rng.randint(2, 40)) for _ in range(rng.randint(1, 8))]
            lines += [lines[0]] * rng.choice([0, 0, 1, 3]) + [rng.choice(["{ brace here.", "no stop", rng.choice(WORDS)])]
            rows.append({"text": "\n".join(lines[: rng.randint(1, 12)]), "url": f"https://example.org/{n}/{i}"})
        path = folder / f"{n}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def run(folder: Path, output: Path, steps: list, **more) -> Run:
    sources = [{"name": "web", "format": "jsonl", "paths": [f"{folder}/*.jsonl"]}]
    return Pipeline.from_dict({"name": "x", "sources": sources, "steps": steps, **more}).run(output, executor="inline")


@pytest.fixture(scope="module")
def kept_signals(tmp_path_factory) -> Run:
    folder = tmp_path_factory.mktemp("whatif")
    return run(write_corpus(folder / "in"), folder / "run", FILTERS, keep_signals=True)


def with_changes(changes: dict[str, list]) -> list:
    steps = []
    for item in FILTERS:
        [value] = item.values()
        name = value if isinstance(value, str) else value["rules"]
        intervals = {key.split(".")[1]: keep for key, keep in changes.items() if key.split(".")[0] == name}
        steps.append({"filter": {"rules": name, "set": intervals}})
    return steps


def test_it_equals_a_rerun_of_real_pages(tmp_path):
    """The head of the example WARC, cut in a record. The rerun is of the same folder, as people do it, and extracts nothing."""
    (tmp_path / "docs.warc.gz").write_bytes((EXAMPLES / "docs.warc.gz").read_bytes()[:500_000])
    from_warc = {"name": "docs", "format": "warc", "paths": [str(tmp_path / "docs.warc.gz")]}

    def run_with(interval: list) -> Run:
        rules = {"rules": "gopher_quality", "set": {"word_count": interval}}
        steps = [
            {"extract": {"engine": "resiliparse"}},
            {"filter": rules},
            {"filter": "gopher_repetition"},
            {"redact": ["email"]},
        ]
        pipeline = {"name": "x", "sources": [from_warc], "steps": steps, "keep_signals": True}
        return Pipeline.from_dict(pipeline).run(tmp_path / "run", executor="inline")

    run = run_with([100, 3000])
    before = set(run.documents()["id"].to_pylist())
    tighter, wider = (run.whatif({"gopher_quality.word_count": interval}) for interval in ([300, 3000], [20, None]))
    assert tighter["lost_ids"]
    assert wider["gained_ids"]
    for found, interval in ((tighter, [300, 3000]), (wider, [20, None])):
        after = set(run_with(interval).documents()["id"].to_pylist())
        assert (set(found["gained_ids"]), set(found["lost_ids"])) == (after - before, before - after)


@pytest.mark.parametrize(
    "changes",
    [
        {"gopher_quality.word_count": [80, 100000]},
        {"gopher_quality.word_count": [10, None]},
        {"gopher_quality.word_count": [10, 100], "gopher_repetition.duplicate_line_share": [None, 0.9]},
        {"gopher_repetition.duplicate_line_char_share": [None, 0.9], "fineweb.duplicate_full_line_char_share": [None, 0.9]},
        {"c4.sentence_count": [2, None]},
        {"c4.sentence_count": [7, None], "gopher_quality.word_count": [20, None], "fineweb.short_line_share": [None, 0.4]},
    ],
)
def test_it_equals_a_rerun(kept_signals, tmp_path, changes):
    found = kept_signals.whatif(changes)
    folder = kept_signals.root.parent / "in"
    again = run(folder, tmp_path / "again", with_changes(changes))
    before, after = set(kept_signals.documents()["id"].to_pylist()), set(again.documents()["id"].to_pylist())
    assert (set(found["gained_ids"]), set(found["lost_ids"])) == (after - before, before - after)
    assert found["unknown"] == {}
    assert sum(row["gained_documents"] for row in found["sources"]) == len(after - before)


def test_the_changes_above_do_change_something(kept_signals):
    """Else the test above would show nothing."""
    found = kept_signals.whatif({"gopher_quality.word_count": [10, 100], "fineweb.duplicate_full_line_char_share": [None, 0.9]})
    assert found["gained_ids"]
    assert found["lost_ids"]
    [row] = found["sources"]
    assert row["source"] == "web"
    assert row["gained_bytes"] > 0
    assert row["lost_bytes"] > 0
    assert {entry["rule"] for entry in found["changes"]} == {
        "gopher_quality.word_count",
        "fineweb.duplicate_full_line_char_share",
    }
    assert all(sample["text"] and sample["url"] and sample["rule"] for sample in found["gained"] + found["lost"])


def test_documents_are_the_same_with_and_without_kept_signals_save_for_the_columns(kept_signals, tmp_path):
    plain = run(kept_signals.root.parent / "in", tmp_path / "plain", FILTERS)
    mine, other = kept_signals.documents(), plain.documents()
    assert set(mine.schema.names) - set(other.schema.names) == {"byte_count", "c4_line_braces", "c4_line_lorem_ipsum"}
    assert mine.select(other.schema.names).equals(other)


def test_a_narrower_interval_needs_no_kept_signals_and_a_wider_one_does(tmp_path):
    made = run(write_corpus(tmp_path / "in"), tmp_path / "run", FILTERS)
    assert made.whatif({"gopher_quality.word_count": [80, 100000]})["lost_ids"]
    with pytest.raises(RequestError, match=r"did not keep the signals of removed documents.*`keep_signals: true`"):
        made.whatif({"gopher_quality.word_count": [40, 100000]})


def test_steps_that_change_texts_leave_documents_unknown(tmp_path):
    steps = [FILTERS[0], {"redact": ["email"]}, FILTERS[1]]
    made = run(write_corpus(tmp_path / "in"), tmp_path / "run", steps, keep_signals=True)
    found = made.whatif({"gopher_quality.word_count": [10, None]})
    assert found["gained_ids"] == []
    assert found["unknown"]["filter:gopher_repetition@datatrove"] > 0
    assert found["estimates"] == ["Steps behind the first changed filter are not run again: redact."]


CONDITIONAL = """
family: mine
title: Mine
source: me
rules:
  - {name: even, signal: word_count, keep: [40, null], when: {language: [en, fr]}}
  - {name: odd, signal: word_count, keep: [90, null], when: {language: [de], source: [web]}}
  - {signal: line_braces, keep: [null, 0], when: {language: [de]}}
  - {signal: stop_word_count, keep: [2, null], action: flag}
  - {name: much, signal: line_count, keep: [null, 6], action: flag, when: {language: [en]}}
"""


@pytest.fixture(scope="module")
def conditional(tmp_path_factory) -> Run:
    """Documents of three languages, rules for some of them, and flags."""
    folder = tmp_path_factory.mktemp("conditional")
    write_corpus(folder / "in")
    for n, path in enumerate(sorted((folder / "in").glob("*.jsonl"))):
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        languages = ["en", "de", "fr", None]
        path.write_text("".join(json.dumps(row | {"lang": languages[(i + n) % 4]}) + "\n" for i, row in enumerate(rows)))
    (folder / "mine.yaml").write_text(CONDITIONAL)
    return conditional_run(folder, folder / "run", {}, keep_signals=True)


def conditional_run(folder: Path, output: Path, changes: dict, **more) -> Run:
    source = {"name": "web", "format": "jsonl", "paths": [f"{folder}/in/*.jsonl"], "columns": {"language": "lang"}}
    intervals = {key.removeprefix("mine."): keep for key, keep in changes.items()}
    steps = [{"filter": {"rules": str(folder / "mine.yaml"), "set": intervals}}, {"filter": "gopher_repetition"}]
    return Pipeline.from_dict({"name": "x", "sources": [source], "steps": steps, **more}).run(output, executor="inline")


def flagged(made: Run) -> dict[str, int]:
    names = [name for names in made.documents()["mine_flags"].to_pylist() for name in names]
    return {f"mine.{name}": names.count(name) for name in ("stop_word_count", "much")}


@pytest.mark.parametrize(
    "changes",
    [
        {"mine.even": [60, None]},
        {"mine.odd": [5, None]},
        {"mine.stop_word_count": [1, None], "mine.much": [None, 3]},
        {"mine.odd": [5, None], "mine.even": [70, None], "mine.stop_word_count": [4, None], "mine.much": [None, 1]},
    ],
)
def test_it_equals_a_rerun_with_conditions_and_flags(conditional, tmp_path, changes):
    found = conditional.whatif(changes)
    again = conditional_run(conditional.root.parent, tmp_path / "again", changes)
    before, after = set(conditional.documents()["id"].to_pylist()), set(again.documents()["id"].to_pylist())
    assert (set(found["gained_ids"]), set(found["lost_ids"])) == (after - before, before - after)
    assert {row["rule"]: row["before"] for row in found["flagged"]} == flagged(conditional)
    assert {row["rule"]: row["after"] for row in found["flagged"]} == flagged(again)
    assert found["gained_ids"] or found["lost_ids"] or flagged(conditional) != flagged(again)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"gopher_quality.word_cont": [1, 2]},
            RequestError,
            "no filter of this run has such a rule. Did you mean 'gopher_quality.word",
        ),
        ({"c4.line_word_count": [1, None]}, RequestError, "decides about lines"),
        ({"gopher_quality.word_count": [5, 4]}, ConfigError, "no number is at least 5 and at most 4"),
        ({"gopher_quality.word_count": 5}, ConfigError, r"is not an interval \[low, high\]"),
        ({"gopher_quality.word_count": ["a", "b"]}, ConfigError, r"is not an interval \[low, high\]"),
    ],
)
def test_wrong_requests(kept_signals, changes, error, message):
    with pytest.raises(error, match=message):
        kept_signals.whatif(changes)


def test_the_verb_prints_it(kept_signals, capsys):
    with pytest.raises(SystemExit) as done:
        main(["whatif", str(kept_signals.root), "--set", "gopher_quality.word_count=[10,100]"])
    assert done.value.code == 0
    shown = capsys.readouterr().out
    assert "gopher_quality.word_count: [50, 100000] → [10, 100]" in shown
    assert "lost, for example:" in shown
    with pytest.raises(SystemExit) as done:
        main(["whatif", str(kept_signals.root), "--set", "gopher_quality.word_count"])
    assert done.value.code == 2
