"""The comparison of extractors: scores, tables and pages from figures; contestants load with the standard library alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "benchmarks" / "extraction"
MODULES = (
    "blocks", "cascade_table", "contestants", "folds", "gold", "guesses", "metadata_table", "misses", "picture", "report",
    "scores", "side", "tables",
)  # fmt: skip


@pytest.fixture
def bench(monkeypatch):
    """The modules of the folder, by name; forgotten afterwards."""
    monkeypatch.syspath_prepend(str(FOLDER))
    loaded = {name: __import__(name) for name in MODULES}
    yield loaded
    for name in MODULES:
        sys.modules.pop(name, None)


def page(bench, key, text, language="en", kind="article", wanted=(), unwanted=()):
    return bench["gold"].Gold(key, f"https://{key}.example/", kind, language, text, list(wanted), list(unwanted))


def figures():
    row = {"pages": 10, "f1": 0.5, "precision": 0.4, "recall": 0.8}
    full = {"all": row, "kinds": {"article": row}, "languages": {"en": row, "xx": {**row, "pages": 2}}, "raised": 0}
    counts = {"pages": 12, "f1": 0.75, "found": 3, "wanted": 4, "false": 1, "unwanted": 5}
    sets = {
        **dict.fromkeys(("wcxb", "scrapinghub", "readability"), full),
        "trafilatura": {"all": counts, "languages": {"de": counts}},
    }
    side = {"versions": {"lib": "1"}, "sets": sets}
    timed = {"pages": 10, "bytes": 2_000_000, "seconds": 0.02, "least": 0.01, "most": 0.04}
    setting = {"unsure": 0.85, "asked": 0.25, "taken": 0.1, "f1": 0.6}
    return {
        "sides": {"forge": {**side, "model": {"name": "forge-1", "digest": "abc"}}, "trafilatura": side, "resiliparse": side},
        "speed": {
            "date": "2026-01-01", "machine": "a machine",
            "samples": {"WCXB": {"forge": timed, "trafilatura": {**timed, "seconds": 0.4}, "cascade": timed}},
        },
        "cascade": {"wcxb": [setting, {**setting, "unsure": None}]},
        "metadata": {"corpus-forge": {"title": {"gold": 10, "found": 8, "same": 6}}},
    }  # fmt: skip


def test_contestants_load_with_the_standard_library_alone():
    code = (
        "import sys, contestants, side\n"
        "assert len(contestants.CONTESTANTS) > 10\n"
        "assert not {'numpy', 'pyarrow', 'corpus_forge', 'lxml', 'trafilatura', 'justext'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], cwd=FOLDER, check=True)


def test_texts_are_scored_by_kind_and_language(bench):
    gold = [page(bench, "a", "one two"), page(bench, "b", "drei vier", "de", "forum"), page(bench, "c", "")]
    found = bench["scores"].of_set(gold, ["one two three four", None, ""])
    assert found["all"] == {"pages": 3, "f1": 0.5556, "precision": 0.5, "recall": 0.6667}
    assert found["kinds"]["forum"] == {"pages": 1, "f1": 0, "precision": 0, "recall": 0}
    assert found["languages"]["en"]["pages"] == 2


def test_snippets_are_hits_misses_and_false_ones(bench):
    gold = [page(bench, "a", None, wanted=["good", "gone"], unwanted=["menu", "advert"])]
    counts = {"pages": 1, "f1": 0.5, "found": 1, "wanted": 2, "false": 1, "unwanted": 2}
    assert bench["scores"].of_set(gold, ["good menu"])["all"] == counts


def test_tables_hold_the_figures_and_name_the_model(bench):
    results = figures()
    drawn = bench["report"].page(results)
    assert "Model `forge-1`, digest `abc`; lib 1." in drawn
    assert "| forge | 0.5000 | 0.500 | 0.400 | 0.800 |" in drawn
    assert "| forge | 0.750 | 3 of 4 | 1 of 5 |" in drawn
    assert "| trafilatura | 5.0 | 50.0 to 200.0 | 20.0 |" in drawn
    assert "| en | texts | 30 | 0.500 | 0.500 | 0.500 |" in drawn
    assert "| others | texts | 6 |" in drawn
    assert "| de | snippets | 12 | 0.750 | 0.750 | 0.750 |" in drawn
    assert "| 0.85 | 0.6000 | 25% | 10% | 12.0 |" in drawn
    assert "| corpus-forge: title | 10 | 8 | 6 | 0.600 | 0.750 |" in drawn
    assert bench["tables"].points(results) == {"forge": (100.0, 0.5), "trafilatura": (5.0, 0.5), "cascade": (100.0, 0.6)}


def test_what_was_not_measured_leaves_no_table(bench):
    drawn = bench["report"].page({"sides": {"forge": {**figures()["sides"]["forge"], "sets": {}}}})
    assert "MB/s" not in drawn
    assert "unsure" not in drawn


def test_tables_stand_between_their_marks(bench):
    report = bench["report"]
    begin, end = report.BEGIN.format("cascade"), report.END.format("cascade")
    assert report.between(f"a {begin} old {end} b", "cascade", "new") == f"a {begin}\n\nnew\n\n{end} b"
    document = (FOLDER.parent.parent / "docs" / "extraction.md").read_text("utf-8")
    for name in ("figures", "languages", "cascade", "metadata"):
        assert document.index(report.BEGIN.format(name)) < document.index(report.END.format(name))


def test_the_pages_are_those_of_the_results(bench):
    results = json.loads((FOLDER / "results.json").read_text("utf-8"))
    assert (FOLDER / "results.md").read_text("utf-8") == bench["report"].page(results)


def test_the_picture_has_every_point_and_is_the_same_each_time(bench, tmp_path):
    points = {"forge": (100.0, 0.9), "slow one": (1.0, 0.8)}
    for name in ("a.svg", "b.svg"):
        bench["picture"].draw(points, tmp_path / name)
    drawn = (tmp_path / "a.svg").read_text("utf-8")
    assert drawn == (tmp_path / "b.svg").read_text("utf-8")
    assert all(f"<!-- {name} -->" in drawn for name in points)


def test_a_side_writes_a_text_for_every_page_and_counts_what_raises(bench, tmp_path, monkeypatch):
    side, contestants = bench["side"], bench["contestants"]

    def raises_on_bad(html, url, language):
        if html == "bad":
            raise ValueError(html)
        return f"{html} {url} {language}"

    monkeypatch.setitem(contestants.CONTESTANTS, "mine", contestants.Contestant("peers", ("pytest",), lambda: raises_on_bad))
    rows = [{"key": "1", "url": "u", "language": "de", "html": html} for html in ("good", "bad")]
    pages, out = tmp_path / "pages.jsonl", tmp_path / "out.jsonl"
    pages.write_text("".join(json.dumps(row) + "\n" for row in rows))
    answer = side.write_texts("mine", pages, out, None)
    assert [json.loads(line) for line in out.read_text().splitlines()] == ["good u de", None]
    assert answer["raised"] == 1
    monkeypatch.setattr(side, "LEAST_S", 0.0)
    timed = side.time_it("mine", pages)
    assert (timed["pages"], timed["bytes"]) == (2, 7)


def test_pages_that_forge_learned_from_are_extracted_by_the_model_that_has_not_seen_them(bench, tmp_path):
    from corpus_forge.extract.forge import model as models
    from corpus_forge.extract.forge.catalog import FOLDER as MODELS

    ours = models.load("forge-1")
    (tmp_path / "fold-0.npz").write_bytes((MODELS / "forge-1.npz").read_bytes())
    models.save(ours._replace(chances=ours.chances * 0), tmp_path / "fold-1.npz")  # finds no text anywhere
    (tmp_path / "folds.json").write_text(json.dumps({"wcxb_dev": {"a": 0, "b": 1}, "readability": {"b": 0}}))
    html = "<main><h1>A fox</h1>" + "<p>The quick brown fox jumps over the lazy dog, which is a sentence, and a long one. " * 9
    for engine in ("forge", "cascade"):
        extract = bench["side"].by_fold(engine, tmp_path, "wcxb")
        assert "lazy dog" in extract({"key": "a", "html": html, "url": ""})
    assert bench["side"].by_fold("forge", tmp_path, "wcxb")({"key": "b", "html": html, "url": ""}) == ""
    assert "lazy dog" in bench["side"].by_fold("forge", tmp_path, "readability")({"key": "b", "html": html, "url": ""})


def test_titles_are_the_same_by_letters_and_digits(bench):
    counts = bench["metadata_table"]._counts(["A fox!", None, "x", "y"], ["a  fox", "B", "", "z"])
    assert counts == {"gold": 3, "found": 2, "same": 1}


ARTICLE = "".join(
    f"<p>The {word} fox jumps over the lazy dog, which is a long sentence, and one of many." for word in ["brown", "red", "old"]
)
HTML = (
    f"<nav><a href=/>First page of all</a></nav><main><h1>A fox</h1>{ARTICLE}<figure><img src=x><figcaption>Fox in the picture"
    "</figcaption></figure></main><footer><p>Imprint of the site</footer>"
)


def test_a_miss_says_where_the_snippet_lies(bench):
    from corpus_forge.extract import make_engine

    blocks = bench["blocks"].seen(make_engine("forge"), HTML)
    assert [block.text for block in blocks if block.kept][:2] == [
        "A fox",
        "The brown fox jumps over the lazy dog, which is a long sentence, and one of many.",
    ]
    assert {block.text: block.what for block in blocks if not block.kept} == {
        "First page of all": "short block in nav, links, before the text",
        **({} if blocks[-2].kept else {"Fox in the picture": "short block in figcaption, behind the text"}),
        "Imprint of the site": "short block in footer, behind the text",
    }
    why = bench["misses"]._why
    assert why("page of", blocks, kept=False).startswith("short block in nav, links, before the text; 4 words, p 0.")
    assert why("red fox", blocks, kept=True).startswith("short block; 17 words, p 0.")
    assert why("fox The brown", blocks, kept=False) == "its words are in the text, parted otherwise"
    assert why("nowhere", blocks, kept=True) == "in no block"
    assert why("red fox", bench["blocks"].seen(make_engine("forge"), "<p>few"), kept=False) == "no text found on the page"


def test_misses_are_told_by_page_without_whole_snippets(bench):
    misses = bench["misses"]
    drawn = misses._section(
        [
            ("tests/eval/a.html", "de", "missed: one two", "paragraph in aside; 30 words, p 0.20"),
            ("b", "en", "kept: x|y", "in no block"),
        ],
        {"b": "a teaser"},
    )
    assert "2 on 2 pages: 1 paragraph in aside; 1 in no block." in drawn
    assert "| b | en | kept: x/y | in no block | a teaser |" in drawn
    assert misses._begin("one two three four five six") == "one two three four five …"
    cost = bench["blocks"].Seen("t", 30, "paragraph", 0.2, False)
    assert misses._costs(iter([(cost, 30.0), (cost, 1.0)])) == "31 words: paragraph"


def test_guesses_stand_beside_the_gold(bench, tmp_path, monkeypatch):
    import zstandard

    source = tmp_path / "gold.jsonl.zst"
    source.write_bytes(zstandard.compress(b'{"html": "a", "text": null}\n{"html": "b", "text": null}\n'))
    texts = [tmp_path / name for name in ("one.jsonl", "two.jsonl")]
    for path in texts:
        path.write_text(f'"{path.stem}"\nnull\n')
    monkeypatch.setattr(sys, "argv", ["guesses.py", str(source), str(tmp_path / "out.jsonl"), *map(str, texts)])
    bench["guesses"].main()
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(row["html"], row["guesses"]) for row in rows] == [("a", ["one", "two"]), ("b", ["", ""])]
