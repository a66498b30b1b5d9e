"""The engine as users meet it: pages and columns in, texts out, whatever the batch; wrong requests and hostile pages."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

import corpus_forge as cf
from corpus_forge.document import Removal
from corpus_forge.errors import InputError, RequestError
from corpus_forge.extract.engine import engine_identity, make_engine
from corpus_forge.extract.forge import catalog, columns
from corpus_forge.extract.forge import model as models
from corpus_forge.steps.extract import Extract

SENTENCE = "The quick brown fox jumps over the lazy dog, and this sentence is long enough to be taken for the main content. "
PAGE = f"""<html><head><title>A title of a page</title><script>var x = "script";</script></head><body class="home">
<nav><ul><li><a href="/">Home</a></li><li><a href="/about">About us</a></li><li><a href="/shop">Shop</a></li></ul></nav>
<main><article class="post"><p>{SENTENCE * 3}</p><h2>A part of it</h2>
<p>{SENTENCE * 2}Ünïcode 中文 &eacute;.</p></article></main>
<footer class="footer"><p>Copyright © 2024. <a href="/privacy">Privacy policy</a></p></footer></body></html>"""
TEXT = f"{(SENTENCE * 3).strip()}\n\nA part of it\n\n{SENTENCE * 2}Ünïcode 中文 é."
MARKDOWN = TEXT.replace("A part", "## A part")


def test_the_text_is_the_article_and_nothing_around_it():
    assert cf.extract(PAGE, engine="forge") == TEXT
    assert cf.extract(PAGE.encode("utf-16"), engine="forge") == TEXT
    assert cf.extract(PAGE, engine="forge", format="markdown") == MARKDOWN


@pytest.mark.parametrize(
    "page", ["", " ", "<", "<!--", "<p>", "\x00", "<script>", "&", "<title>only</title>", "<nav><a href=/>Home</a></nav>"]
)
def test_pages_without_text_have_none(page):
    assert cf.extract(page, engine="forge") == ""


def test_a_column_gives_what_its_pages_give_alone_whatever_the_batch():
    pages = [PAGE, "", None, PAGE.replace("fox", "wolf" * 500), "<p>" * 3000, PAGE[:900], "<p>short", PAGE * 20]
    engine = make_engine("forge", {"format": "markdown", "links": True})
    alone = [engine.extract(page or "", None) for page in pages]
    for kind in (pa.string(), pa.large_string()):
        column = pa.array(["no", *pages, "no"], kind).slice(1, len(pages))
        texts, faults = engine.columns(column)
        assert texts.to_pylist() == alone
        texts.validate(full=True)
        assert not faults
    assert engine.columns(pa.array([], pa.string()))[0].to_pylist() == []
    assert engine.columns(pa.array([None, None], pa.string()))[0].to_pylist() == ["", ""]


@pytest.mark.parametrize("options", [{}, {"format": "markdown", "links": True, "alt": True}])
def test_the_beginning_of_a_text_does_not_look_at_the_page_before(options):
    rows = "".join(f"<tr><td></td><td>{SENTENCE}</td><td>{n}</td></tr>" for n in range(9))
    table = f"<html><body><main><article><table>{rows}</table></article></main></body></html>"
    picture = PAGE.replace(f"<p>{SENTENCE}", f"<p><img src=x alt=' a picture '>{SENTENCE}")
    engine = make_engine("forge", options)
    texts = engine.columns(pa.array([PAGE, table, picture]))[0].to_pylist()
    assert texts == [engine.extract(page, None) for page in (PAGE, table, picture)]
    assert texts[1].startswith("| | The quick" if options else "| The quick")
    assert ("a picture " in texts[2]) == bool(options)


def test_a_page_with_too_many_tags_is_a_fault_and_the_others_stay():
    huge = "<p>x" * ((1 << 20) + 1)
    engine = make_engine("forge")
    texts, faults = engine.columns(pa.array([PAGE, huge, PAGE]))
    assert texts.to_pylist() == [TEXT, None, TEXT]
    assert {row: fault.reason for row, fault in faults.items()} == {1: "limit:html_tags"}
    with pytest.raises(InputError, match="1,048,577 times '<'"):
        engine.extract(huge, None)


@pytest.mark.parametrize("sandbox", [None, True])
def test_the_step_extracts_with_the_model_and_the_options(sandbox):
    step = Extract(engine="forge", model="forge-1", format="markdown", sandbox=sandbox)
    assert step.problems() == []
    outcome = step.start()(pa.record_batch({"html": pa.array([PAGE, "<p>no", None], pa.large_string())}))
    assert outcome.batch.column("text")[0].as_py() == MARKDOWN
    assert outcome.removed == dict.fromkeys((1, 2), Removal("extract.empty"))


def test_what_is_asked_for_is_in_the_identity():
    identity = Extract(engine="forge").identity()
    assert identity["engine_version"].endswith(catalog.digest("forge-1"))
    assert identity["sandbox"] is False
    assert Extract(engine="resiliparse").identity()["sandbox"] is True
    assert "format" not in Extract(engine="resiliparse").identity()
    assert engine_identity("forge", {"model": "forge-1"}) == engine_identity("forge")
    assert Extract(engine="forge", format="markdown").identity() != identity


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"engine": "resiliparse", "format": "markdown"}, "`format` belongs to the engine forge"),
        ({"engine": "forge", "links": True}, "needs `format: markdown`"),
        ({"engine": "forge", "format": "html"}, "'text' or 'markdown'"),
    ],
)
def test_wrong_options_are_refused(given, words):
    with pytest.raises(ValidationError, match=words):
        Extract(**given)


def test_a_model_that_does_not_exist_is_a_problem_before_the_run(tmp_path):
    assert "no model 'forge-9'. Did you mean 'forge-1'?" in Extract(engine="forge", model="forge-9").problems()[0]
    assert "nothing.npz" in Extract(engine="forge", model=str(tmp_path / "nothing.npz")).problems()[0]
    with pytest.raises(RequestError, match="may be text or markdown"):
        cf.extract(PAGE, engine="forge", format="html")


def damaged(**arrays):
    return models.load("forge-1")._replace(**arrays)


def damaged_trees(look, **arrays):
    model = models.load("forge-1")
    return model._replace(**{look: getattr(model, look)._replace(**arrays)})


FIRST, SECOND = models.load("forge-1").first, models.load("forge-1").second
SCORE = columns.NAMES.index("score")


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (damaged(words=np.zeros(7, np.int8)), "'words' is int8"),
        (damaged_trees("first", features=np.full_like(FIRST.features, 999)), "columns that no block has"),
        (damaged_trees("second", features=np.full_like(SECOND.features, -1)), "columns that no block has"),
        (damaged_trees("first", features=np.full_like(FIRST.features, SCORE)), "columns that no block has"),
        (damaged(bits=np.array([[9, 9]], np.int32)), "bits that no block has"),
        (damaged_trees("first", masks=np.zeros(3, np.uint32)), "differ in length"),
        (damaged_trees("second", starts=SECOND.starts[::-1].copy()), "does not share out"),
        (damaged_trees("second", values=np.full_like(SECOND.values, np.inf)), "not finite"),
        (damaged(chances=np.full(1024, np.nan, np.float32)), "not finite"),
    ],
)
def test_a_damaged_model_is_refused(tmp_path, model, words):
    models.save(model, tmp_path / "bad.npz")
    with pytest.raises(RequestError, match=words):
        models.load(str(tmp_path / "bad.npz"))


def test_a_file_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "pickle.npz").write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(RequestError, match="no model of the engine forge"):
        models.load(str(tmp_path / "pickle.npz"))
    np.savez(tmp_path / "old.npz", features_version=np.array(2), words=np.zeros(1 << 15, np.int8))
    with pytest.raises(RequestError, match="Train it again"):
        models.load(str(tmp_path / "old.npz"))


def test_the_digest_is_that_of_the_file_and_the_card_says_it(tmp_path):
    models.save(models.load("forge-1"), tmp_path / "copy.npz")
    assert catalog.digest(str(tmp_path / "copy.npz")) == catalog.digest("forge-1")
    models.save(damaged(names=models.load("forge-1").names[::-1].copy()), tmp_path / "other.npz")
    assert catalog.digest(str(tmp_path / "other.npz")) != catalog.digest("forge-1")
    card = (catalog.FOLDER / "forge-1.md").read_text()
    assert catalog.digest("forge-1") in card
    assert "CC-BY-4.0" in card


def test_the_blocks_that_are_kept_have_the_greatest_expected_f1():
    from corpus_forge.extract.forge.extractor import extractor_of
    from corpus_forge.extract.forge.layout import Block, State
    from corpus_forge.extract.forge.select import DOUBT

    extractor = extractor_of("forge-1")
    data = np.frombuffer(PAGE.encode(), np.uint8)
    sure = extractor.extract(data, np.array([0, len(data)])).sure[0]
    work = extractor._work
    count = int(work.state[State.BLOCKS])
    words, chance = work.blocks[:count, Block.WORDS].astype(float), 1 / (1 + np.exp(-work.scores[:count].astype(float)))
    expected = (chance * words).sum()

    def value(kept, share=DOUBT):
        return 2 * (chance * words)[kept].sum() / (words[kept].sum() + share * expected)

    kept = work.keep[:count]
    assert 0 < kept.sum() < count
    assert value(kept) == pytest.approx(max(value(chance >= least) for least in chance), rel=0.01)
    assert sure == pytest.approx(value(kept, 1.0), rel=0.01)
