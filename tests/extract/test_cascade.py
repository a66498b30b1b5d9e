"""The engine `cascade`: who is asked, whose text is taken, and what a failing slow engine costs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

import corpus_forge as cf
from corpus_forge.document import Fault, Removal
from corpus_forge.errors import RequestError
from corpus_forge.extract import make_engine
from corpus_forge.extract.cascade import Cascade, is_better
from corpus_forge.extract.engine import engine_identity
from corpus_forge.registry import extractors
from corpus_forge.steps.extract import Extract
from corpus_forge.steps.extract_look import looks, survivors

PARAGRAPH = "The quick brown fox jumps over the lazy dog, and this sentence is long enough to be taken for text by anyone. " * 4
PAGE = f"<title>A fox</title><nav><a href=/>Home</a></nav><main><h1>A fox</h1><p>{PARAGRAPH}</p><p>{PARAGRAPH}</p></main>"
MENU = "<nav><a href=/>Home</a> <a href=/about>About</a></nav>"


def column(*pages):
    return pa.array(pages, pa.large_string())


def run(engine, pages, answer, **more):
    """Texts of the cascade, and the pages that the slow engine was asked for."""
    asked = []

    def slow(some, urls):
        asked.extend(some.to_pylist())
        assert len(urls) == len(some)
        return answer(some)

    texts, faults = engine.columns(pages, pa.nulls(len(pages), pa.string()), slow, **more)
    return texts.to_pylist(), faults, asked


def all_say(text):
    return lambda pages: (column(*[text] * len(pages)), {})


def test_only_unsure_pages_go_to_the_slow_engine_and_sure_ones_keep_forges_text():
    forge = make_engine("forge", {})
    text, _, sure = forge.judged(column(PAGE))
    between = float(sure[0])
    pages = column(None, PAGE, MENU, "").slice(1)
    texts, faults, asked = run(Cascade(unsure=between - 0.01), pages, all_say("slow"))
    assert (texts, faults, asked) == ([text[0].as_py(), "slow", "slow"], {}, [MENU, ""])
    _, _, asked = run(Cascade(unsure=min(1.0, between + 0.01)), pages, all_say("slow"))
    assert asked == [PAGE, MENU, ""]
    assert run(Cascade(unsure=0), pages, all_say("slow"))[2] == []
    assert run(Cascade(), column(None, None), all_say("slow"))[0] == ["", ""]


@pytest.mark.parametrize(
    ("slow", "fast", "better"),
    [
        ("one two three", "menu one two three footer", True),
        ("one two three", "one two three", True),
        ("one two three", "one two", False),
        ("one one one one", "one two three", False),
        ("Menu ONE", "menu, one!", True),
        ("something", "", True),
        ("", "something", False),
        (" \n", "", False),
        ("…", "word", False),
    ],
)
def test_the_slow_text_is_taken_where_forge_has_none_or_it_lies_within_forges(slow, fast, better):
    assert is_better(slow, fast) is better


def test_forges_text_stays_where_the_slow_engine_fails_or_disagrees():
    forge = make_engine("forge", {}).extract(PAGE, None)
    failures = pa.nulls(2, pa.large_string()), {0: Fault("x"), 1: Fault("x")}
    assert run(Cascade(unsure=1), column(PAGE, MENU), lambda pages: failures)[:2] == ([forge, ""], {})
    assert run(Cascade(unsure=1), column(PAGE), all_say("Other words altogether"))[0] == [forge]
    assert run(Cascade(unsure=1), column(PAGE), all_say("the lazy dog"))[0] == ["the lazy dog"]


def test_pages_that_would_not_survive_are_not_asked_for():
    seen = []

    def survives(texts):
        seen.extend(texts.to_pylist())
        return np.array([False, True])

    texts, _, asked = run(Cascade(unsure=1), column(PAGE, MENU), all_say("slow"), survives=survives)
    assert (len(seen), asked, texts[1]) == (2, [MENU], "slow")


def test_looks_are_the_very_steps_language_and_filter():
    german = "Der schnelle braune Fuchs springt über den faulen Hund, und das ist ein Satz, den jeder versteht. " * 8
    survives = survivors(looks(["en"], "gopher_quality"))
    english = " ".join(f"{PARAGRAPH} And number {n} has other words of its own." for n in range(3))
    assert survives(column(english, german, "", "short", None)).tolist() == [True, False, False, False, False]
    assert survives(column()).tolist() == []
    assert survivors(looks(None, None)) is None
    assert survivors(looks(["de"], None))(column(english, german)).tolist() == [False, True]


@pytest.mark.parametrize("sandbox", [None, False])
def test_the_step_guards_the_slow_engine_and_gives_what_the_call_gives(sandbox):
    step = Extract(engine="cascade", unsure=1, sandbox=sandbox)
    assert step.problems() == []
    outcome = step.start()(pa.record_batch({"html": column(PAGE, MENU, None), "url": pa.nulls(3, pa.string())}))
    alone = [cf.extract(page, engine="cascade", unsure=1) for page in (PAGE, MENU, "")]
    assert outcome.batch.column("text").to_pylist() == alone
    assert outcome.removed == {2: Removal("extract.empty")}
    assert step.identity()["sandbox"] is (sandbox is None)


def test_the_step_asks_nobody_for_pages_in_other_languages():
    class Never:
        version = "1"

        def extract(self, html, url):
            raise AssertionError("asked")

    extractors.add("never")(Never)
    kept = {"engine": "cascade", "slow": "never", "unsure": 1, "sandbox": False}
    batch = pa.record_batch({"html": column(PAGE)})
    forge = make_engine("forge", {}).extract(PAGE, None)
    assert Extract(**kept, languages="de").start()(batch).batch.column("text").to_pylist() == [forge]
    assert Extract(**kept).start()(batch).batch.column("text").to_pylist() == [forge]


def test_all_that_makes_the_texts_is_in_the_identity():
    plain = Extract(engine="cascade").identity()
    assert "trafilatura-" in plain["engine_version"]
    assert make_engine("forge", {}).version in plain["engine_version"]
    others = [{"unsure": 0.7}, {"slow": "resiliparse"}, {"languages": ["en"]}, {"quality": "gopher_quality"}]
    assert len({str(Extract(engine="cascade", **other).identity()) for other in [{}, *others]}) == 5
    assert engine_identity("cascade", {"unsure": 0.85}) == engine_identity("cascade")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"engine": "forge", "slow": "trafilatura"}, "`slow` belongs to the engine cascade"),
        ({"engine": "forge", "languages": ["en"]}, "put the steps `language` and `filter` behind"),
        ({"engine": "cascade", "format": "markdown"}, "`format` belongs to the engine forge"),
        ({"engine": "cascade", "slow": "forge"}, "needs another engine than forge"),
        ({"engine": "cascade", "slow": "trafilature"}, "Did you mean 'trafilatura'"),
        ({"engine": "cascade", "quality": "gopher_qualty"}, "Did you mean 'gopher_quality'"),
        ({"engine": "cascade", "unsure": 2}, "less than or equal to 1"),
    ],
)
def test_wrong_requests_are_refused(given, words):
    with pytest.raises(ValidationError, match=words):
        Extract(**given)


def test_wrong_calls_and_unknown_languages_are_said():
    with pytest.raises(RequestError, match="from 0 to 1"):
        cf.extract(PAGE, engine="cascade", unsure=7)
    assert "no language 'english'" in Extract(engine="cascade", languages=["english"]).problems()[0]


def test_a_page_without_visible_text_gives_the_article_of_its_json_ld():
    script = '<script type="application/ld+json">{"articleBody": "One &amp; two.\\n\\nThr\\u00e9e."}</script>'
    assert cf.extract(f"{script}{MENU}", engine="forge") == "One & two.\nThrée."
    assert cf.extract(f"{script}{PAGE}", engine="forge") == cf.extract(PAGE, engine="forge")
    texts, _ = make_engine("forge", {}).columns(column(MENU, script, None, script).slice(1))
    assert texts.to_pylist() == ["One & two.\nThrée.", "", "One & two.\nThrée."]
    assert cf.extract(script.replace("articleBody", "body") + " articleBody", engine="forge") == ""
