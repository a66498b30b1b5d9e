"""The engines on pages whose text is known."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import corpus_forge.extract as extract_module
from corpus_forge.errors import RequestError
from corpus_forge.extract import extract, extract_text, make_engine
from corpus_forge.extract.engine import engine_identity, normalise
from corpus_forge.extract.resiliparse import DEEP
from corpus_forge.plugins import load_plugins, plugin_digests
from corpus_forge.registry import extractors

POISON_PLUGIN = Path(__file__).parents[1] / "data" / "plugins" / "poison_engine.py"

PARAGRAPH = "The quick brown fox jumps over the lazy dog, and this sentence is long enough to be taken for main content. " * 3
PAGE = f"""<html><head><title>Title</title><style>p {{color: red}}</style><script>var x = "script";</script></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/about">About us</a></li></ul></nav>
<main><h1>Heading</h1><p>{PARAGRAPH}</p><ol><li>first</li><li>second</li></ol>
<p>{PARAGRAPH}<img alt="alternative" src="x"></p></main>
<div class="comments"><p>A comment by someone else.</p></div>
<footer>Copyright</footer></body></html>"""


def test_resiliparse_gives_main_content_by_lines():
    body = PARAGRAPH.strip()
    assert extract(PAGE) == f"Heading\n\n{body}\n\n  1. first\n  2. second\n\n{body}"


def test_trafilatura_gives_main_content_by_lines_and_comments_after_it():
    body = PARAGRAPH.strip()
    assert extract(PAGE, engine="trafilatura") == f"Heading\n{body}\n- first\n- second\n{body}\nA comment by someone else."


def test_bytes_are_decoded_by_what_they_declare():
    page = '<meta charset="windows-1251"><main><p>Привет, мир</p></main>'
    assert extract(page.encode("cp1251")) == "Привет, мир"


def test_the_name_is_callable_whether_it_is_bound_to_the_function_or_to_the_folder():
    import corpus_forge

    assert extract_module("<main>one</main>") == "one"
    assert corpus_forge.extract("<main>one</main>", None, "resiliparse") == "one"


@pytest.mark.parametrize("engine", ["resiliparse", "trafilatura"])
def test_a_text_does_not_depend_on_the_pages_before(engine):
    fresh, used = make_engine(engine), make_engine(engine)
    for _ in range(4):
        used.extract(PAGE, "http://example.org/")
    assert used.extract(PAGE, "http://example.org/") == fresh.extract(PAGE, "http://example.org/") != ""


@pytest.mark.parametrize("engine", ["resiliparse", "trafilatura"])
@pytest.mark.parametrize(
    "page", ["", "<", "<html>", "\0", "<!--", "<p", "</p>", " \n ", "<script>x</script>", "<![CDATA[", "&#0;"]
)
def test_a_page_without_text_gives_none(engine, page):
    assert extract(page, engine=engine).strip() in {"", "<", "\ufffd"}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("", ""),
        ("a\r\nb\rc\nd\r\r\ne", "a\nb\nc\nd\n\ne"),
        ("a\0b\0", "ab"),
        ("\r\0\n", "\n"),
        ("é\ud800x\udfff😀", "é\ufffdx\ufffd😀"),
        (" kept\t \u00a0\u200b\x07 ", " kept\t \u00a0\u200b\x07 "),
    ],
)
def test_normalise_makes_text_plain_and_changes_nothing_else(text, plain):
    assert normalise(text) == plain
    assert normalise(plain) == plain
    plain.encode()


def test_pages_nested_beyond_reason_give_all_their_text_at_once():
    deep = "<nav>menu</nav>" + "<div>" * 50_000 + "deep" + "</div>" * 50_000
    assert extract(deep) == "menu\ndeep"


def test_many_divs_side_by_side_are_not_deep():
    page = "<nav>menu</nav><main>" + "<div>row</div>" * (DEEP + 10) + "</main>"
    assert extract(page).split("\n") == ["row"] * (DEEP + 10)


def test_an_engine_that_does_not_answer_with_text_is_told_so():
    class Wrong:
        version = "1"

        def extract(self, html, url):
            return None

    with pytest.raises(TypeError, match="answered with NoneType, not with a str"):
        extract_text(Wrong(), "x", None)


def test_identity_names_the_library_and_the_plugin_file():
    assert engine_identity("resiliparse") == {"engine_version": version("resiliparse")}
    assert engine_identity("trafilatura") == {"engine_version": version("trafilatura")}
    load_plugins([str(POISON_PLUGIN)])
    digest = plugin_digests()[str(POISON_PLUGIN.resolve())]
    assert engine_identity("poison") == {"engine_version": "1", "engine_plugin": digest}


def test_unknown_engines_are_refused_with_the_nearest_name():
    with pytest.raises(RequestError, match=r"no extraction engine is named 'trafilature'\. Did you mean 'trafilatura'\?"):
        extract("x", engine="trafilature")


def test_importing_and_asking_for_versions_loads_no_parser():
    code = (
        "import sys, corpus_forge.extract as e\n"
        "from corpus_forge.registry import extractors\n"
        "print(sorted(extractors), [bool(e.make_engine(n).version) for n in extractors])\n"
        "heavy = ('resiliparse', 'trafilatura', 'lxml', 'pyarrow', 'numpy', 'mwparserfromhell')\n"
        "print([m for m in heavy if m in sys.modules])\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown == "['cascade', 'forge', 'resiliparse', 'trafilatura', 'wikitext'] [True, True, True, True, True]\n[]\n"
    assert {"resiliparse", "trafilatura"} <= set(extractors.names())
