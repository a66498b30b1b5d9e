"""Recipes after published corpora: each is checked and runs on small data, and what should leave leaves by the rule it should.

Pages are real ones (tests/recipe_pages.py). Only paths, models and sizes are set; steps, rules and bounds are the recipe's own.
"""

from __future__ import annotations

import bz2
import hashlib
import json
from pathlib import Path

import pytest
from recipe_pages import (
    BOOK,
    COPIED,
    GERMAN,
    NEARLY_COPIED,
    PROSE,
    SIGNALS,
    TEST_ITEM,
    UNLIKE_BOOKS,
    archive,
    gutenberg,
    lorem,
    page,
    planted,
    text_of,
    write_crawl,
    write_lines,
    write_refinedweb,
)

import corpus_forge as cf

SMALL = ("tokenize.train.vocab_size=700", "tokenize.train.sample=1MB")
WIKIPEDIA = Path(__file__).parent / "data/wikipedia/brahui.xml"


def run(name: str, folder: Path, *overrides: str) -> cf.Run:
    """The recipe's run, after a check that finds nothing wrong; all documents are accounted for and the tokens are whole."""
    pipeline = cf.Pipeline.from_yaml(name, [*SMALL, *overrides])
    assert [str(problem) for problem in pipeline.check() if problem.level == "error"] == []
    made = pipeline.run(folder / "run", executor="inline")
    assert made.verify() == []
    assert made.record["totals"]["quarantined"] == 0
    assert sum(entry.tokens for entry in made.tokens().shards) > 1000
    return made


def left(made: cf.Run) -> dict[str, str]:
    """By URL, without scheme and ending of the planted ones, the rule by which a document left."""
    table = made.removed()
    urls = [url.removeprefix("https://").removesuffix(".example/") for url in table["url"].to_pylist()]
    return dict(zip(urls, table["rule"].to_pylist(), strict=True))


def stayed(made: cf.Run) -> set[str]:
    return set(made.documents()["url"].to_pylist())


def crawled(folder: Path, dump: str, kind: str, pages: dict[str, str]) -> tuple[str, str]:
    """Overrides that read these pages from a folder with Common Crawl's layout."""
    return (f"cc.base={write_crawl(folder / 'crawl', dump, kind, pages)}", "cc.files=1")


@pytest.fixture
def blocked(tmp_path: Path) -> str:
    """An override: a list of domains in the place of UT1's."""
    (tmp_path / "domains").write_text("# adult\nadult.example\n")
    return f"url_filter.lists=[{tmp_path / 'domains'}]"


def test_fineweb(tmp_path: Path, blocked: str) -> None:
    made = run("fineweb", tmp_path, blocked, *crawled(tmp_path, "CC-MAIN-2023-50", "warc", planted()))
    assert left(made) == {
        "adult.example/page": "url_filter.domain",
        "german": "language.keep",
        "short": "gopher_repetition.top_4_gram_char_share",
        "repeats": "gopher_repetition.top_4_gram_char_share",
        "lorem": "c4.line_lorem_ipsum",
        "scraps": "fineweb.sentence_line_share",
        "copy": "dedup.minhash",
        "nearly": "dedup.minhash",
    }
    assert stayed(made) >= set(PROSE)
    texts = dict(zip(made.documents()["url"].to_pylist(), made.documents()["text"].to_pylist(), strict=True))
    assert any(line.strip()[-1:].isalnum() for text in map(texts.get, PROSE) for line in text.splitlines())  # type: ignore[union-attr]


def test_refinedweb(tmp_path: Path, blocked: str) -> None:
    passage = text_of(COPIED)[:600]
    pages = {**planted(), "https://passage.example/": page(f"{text_of(f'{BOOK}apt.html')[:4000]}\n{passage}")}
    made = run("refinedweb", tmp_path, blocked, *crawled(tmp_path, "CC-MAIN-2023-06", "warc", pages))
    assert left(made) == {
        "adult.example/page": "url_filter.domain",
        "arxiv.org/abs/1": "url_filter.domain",
        "german": "language.keep",
        "short": "refinedweb.word_count_dclm",
        "repeats": "refinedweb.top_2_gram_char_share_dclm",
        "shouts": "refinedweb.removed_word_share_dclm",
        "copy": "dedup.minhash",
        "nearly": "dedup.minhash",
    }
    assert stayed(made) >= {*PROSE, "https://passage.example/"}
    texts = dict(zip(made.documents()["url"].to_pylist(), made.documents()["text"].to_pylist(), strict=True))
    shared = passage[200:400]
    assert shared in texts[COPIED]
    assert shared not in texts["https://passage.example/"], "a passage stays in the first page that has it"


def test_gopher_massiveweb(tmp_path: Path) -> None:
    (tmp_path / "wikitext.txt").write_text(text_of(TEST_ITEM).replace("\n", " "))
    (tmp_path / "lambada.jsonl").write_text(json.dumps({"text": " ".join(f"word{n}" for n in range(20))}) + "\n")
    sets = [f"decontaminate.sets[{n}].paths=[{tmp_path / name}]" for n, name in enumerate(("wikitext.txt", "lambada.jsonl"))]
    made = run("gopher_massiveweb", tmp_path, *sets, *crawled(tmp_path, "CC-MAIN-2021-04", "warc", planted()))
    assert left(made) == {
        "german": "language.keep",
        "short": "gopher_quality.word_count",
        "repeats": "gopher_repetition.top_4_gram_char_share",
        "copy": "dedup.exact",
        "nearly": "dedup.minhash",
        "test": "decontaminate.wikitext103",
    }
    assert stayed(made) >= set(PROSE)


def test_c4(tmp_path: Path) -> None:
    pages = {url: text_of(url) for url in PROSE}
    few = "\n".join(text_of(NEARLY_COPIED).split("\n")[-3:])
    pages |= {
        f"{COPIED}?utm_source=mail": "The same address, whatever it says.",
        "https://lorem.example/": lorem(),
        "https://german.example/": text_of(GERMAN),
        "https://lines.example/": f"{few}\nThis line is in no other page at all.",
        "https://short.example/": "One sentence is in this page. And one more of them is here.",
    }
    made = run("c4", tmp_path, *crawled(tmp_path, "CC-MAIN-2019-18", "wet", pages))
    assert left(made) == {
        f"{COPIED.removeprefix('https://')}?utm_source=mail": "dedup.url",
        "lorem": "c4.line_lorem_ipsum",
        "short": "c4.sentence_count",
        "lines": "c4.sentence_count",
        "german": "language.keep",
    }
    assert stayed(made) == set(PROSE)
    lines = [line for text in made.documents()["text"].to_pylist() for line in text.split("\n")]
    assert {line.rstrip()[-1] for line in lines} <= set('.?!"'), "a line ends as a sentence"
    assert len({line.lower() for line in lines}) == len(lines), "and stands once in all pages"


def test_dclm_baseline(tmp_path: Path, blocked: str) -> None:
    pages = {**planted(), **{url: archive()[url] for url in UNLIKE_BOOKS}}
    model = _classifier(tmp_path / "quality.bin")
    overrides = (blocked, *model, *crawled(tmp_path, "CC-MAIN-2022-49", "warc", pages))
    made = run("dclm_baseline", tmp_path, *overrides)
    assert left(made) == {
        "adult.example/page": "url_filter.domain",
        "german": "language.keep",
        "short": "refinedweb.word_count_dclm",
        "repeats": "refinedweb.top_2_gram_char_share_dclm",
        "shouts": "refinedweb.removed_word_share_dclm",
        "copy": "dedup.bloom",
        "nearly": "dedup.bloom",
        **{url.removeprefix("https://"): "select.quality_hq" for url in UNLIKE_BOOKS},
    }
    assert stayed(made) >= {*PROSE, "https://arxiv.org/abs/1"}, "sources of high quality stay, unlike in refinedweb"


def _classifier(path: Path) -> tuple[str, str]:
    """Overrides for a model that likes pages of the handbook, trained on others than those of the test."""
    from corpus_forge.scoring.fasttext_file import write_fasttext
    from corpus_forge.scoring.train import Recipe, train_classifier

    known = {*PROSE, *UNLIKE_BOOKS}
    kinds = [
        [text_of(url) for url in archive() if url.startswith(start) and url not in known][:40]
        for start in (BOOK, "https://httpd.apache.org/docs/2.4/en/")
    ]
    write_fasttext(train_classifier(*kinds, Recipe(bucket=5000, dim=8, epochs=100, rate=1.0, min_count=2)), path)
    return f"classify.model={path}", f"classify.sha256={hashlib.sha256(path.read_bytes()).hexdigest()}"


def test_redpajama_v2(tmp_path: Path) -> None:
    wrong = {name: bound * 1.01 for name, (_, bound) in SIGNALS.items()} | {"rps_doc_word_count": 49}
    texts = {url: text_of(url) for url in PROSE}
    rows = [(url, text, "en", "head", {}) for url, text in texts.items()]
    rows += [(f"https://{name}/", f"{name}. {text_of(GERMAN)}", "en", "middle", {name: bound}) for name, bound in wrong.items()]
    rows.append(("https://french/", text_of(TEST_ITEM), "fr", "head", {}))
    rows.append(("https://tail/", text_of(TEST_ITEM), "en", "tail", {}))
    rows.append(("https://copy/", texts[COPIED], "en", "head", {}))
    rows.append(("https://nearly/", texts[NEARLY_COPIED].replace("hardware", "machine", 1), "en", "head", {}))
    documents, signals = zip(*(_redpajama(n, *row) for n, row in enumerate(rows)), strict=True)
    path = write_lines(tmp_path / "documents/2023-14/0000/en_head.json.gz", documents)
    write_lines(tmp_path / "quality_signals/2023-14/0000/en_head.signals.json.gz", signals)
    made = run("redpajama_v2", tmp_path, f"rp.paths=[{path}]")
    assert left(made) == {
        **{f"{name}/": f"select.{name}" for name in SIGNALS},
        "french/": "select.language",
        "tail/": "select.bucket",
        "copy/": "dedup.exact",
        "nearly/": "dedup.minhash",
    }
    assert stayed(made) == set(PROSE)


def _redpajama(n: int, url: str, text: str, language: str, bucket: str, changed: dict[str, float]) -> tuple[dict, dict]:
    """A document, and the line of signals beside it; all of them are at their bounds, but those that are changed."""
    key = f"2023-14/0000/en_head.json.gz/{n}"
    document = {"doc_id": key, "url": url, "raw_content": text, "language": language, "bucket": bucket}
    document |= {
        "date_download": "2023-03-20T00:00:00Z",
        "title": "A page",
        "source_domain": "example.org",
        "digest": f"sha1:{n}",
    }
    document |= {"language_score": 0.9, "perplexity": 300.0}
    values = {name: bound for name, (_, bound) in SIGNALS.items()} | changed
    return document, {"id": key, "id_int": n, "quality_signals": {name: [[0, len(text), v]] for name, v in values.items()}}


def test_wikipedia_books(tmp_path: Path) -> None:
    (tmp_path / "a-pages-articles1.xml.bz2").write_bytes(bz2.compress(WIKIPEDIA.read_bytes()))
    for number, urls in enumerate((PROSE[:5], PROSE[5:], PROSE[5:])):
        chapters = [f"Edition {number}.", *(text_of(url) for url in urls)]
        (tmp_path / f"book-{number}.txt").write_text(gutenberg(f"Book {number}", chapters))
    paths = (f"wiki.paths=[{tmp_path}/*.bz2]", f"books.paths=[{tmp_path}/book-*.txt]")
    made = run("wikipedia_books", tmp_path, *paths, "tokenize.seq_len=2048")
    documents = made.documents()
    assert documents["source"].to_pylist() == ["wiki", "books", "books"]
    assert documents["title"].to_pylist() == ["Brahui language", "Book 0", "Book 1"]
    assert made.removed()["rule"].to_pylist() == ["dedup.minhash"], "the second edition of a book"
    assert not any("Project Gutenberg" in text for text in documents["text"].to_pylist())
    assert documents["text"].to_pylist()[0] == (WIKIPEDIA.parent / "brahui.txt").read_text("utf-8").rstrip("\n")
    told = {row["part"]: row for row in made.report["mixture"]["parts"]}
    assert [told[part]["epochs"] for part in ("wiki", "books")] == [1, 1]


def test_pile_c4_refinedweb_mix(tmp_path: Path) -> None:
    texts = {url: text_of(url) for url in archive() if url.startswith(BOOK) and "?" not in url}
    pile, c4, refined = (dict(list(texts.items())[start::3]) for start in range(3))
    both, again = next(iter(pile)), next(iter(refined))
    pile_rows = [{"text": text, "meta": {"pile_set_name": "Pile-CC"}} for text in pile.values()]
    pile_rows.append({"text": text_of(GERMAN), "meta": {"pile_set_name": "Books3"}})
    c4_rows = [
        {"text": text, "url": url, "timestamp": "2019-04-25T12:57:54Z"} for url, text in {**c4, both: texts[both]}.items()
    ]
    paths = (
        f"pile.paths=[{write_lines(tmp_path / '00.jsonl.gz', pile_rows)}]",
        f"c4.paths=[{write_lines(tmp_path / 'c4.json.gz', [*c4_rows, {**c4_rows[0], 'text': texts[again]}])}]",
        f"refinedweb.paths=[{write_refinedweb(tmp_path / 'train.parquet', {**refined, 'https://x/': texts[both]})}]",
    )
    made = run("pile_c4_refinedweb_mix", tmp_path, *paths, "mix.tokens=120K", "tokenize.seq_len=128", "tokenize.holdout=2%")
    gone = made.removed()
    assert sorted(zip(gone["source"].to_pylist(), gone["rule"].to_pylist(), strict=True)) == [
        ("c4", "dedup.minhash"),
        ("c4", "dedup.minhash"),
        ("pile", "read.subset"),
        ("refinedweb", "dedup.minhash"),
    ]
    told = {row["part"]: row for row in made.report["mixture"]["parts"]}
    wanted = {part: row["wanted"] / 120_000 for part, row in told.items()}
    assert wanted == pytest.approx({"refinedweb": 0.75, "pile": 0.125, "c4": 0.125}, abs=1e-4)
    mixture = cf.TokenMixture(made.root)
    batch = mixture.reader(4096, seed=1).batch(0)
    read = {rows.name: int(batch.n_tokens[batch.source == number].sum()) for number, rows in enumerate(mixture.sources)}
    assert {name: count / sum(read.values()) for name, count in read.items()} == pytest.approx(wanted, abs=0.005)
