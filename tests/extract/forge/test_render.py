"""How chosen blocks look as text and as markdown: all blocks of small pages, by a model that keeps everything."""

from __future__ import annotations

import numpy as np
import pytest

from corpus_forge.extract.forge.options import ForgeOptions

KEEPS_ALL = {
    "words": np.zeros(1 << 15, np.int8), "names": np.zeros(1 << 14, np.int8), "bits": np.zeros((0, 2), np.int32),
    "chances": np.full(1024, 1000, np.float32),
}  # fmt: skip
NO_TREES = {
    "features": np.zeros(0, np.int32), "thresholds": np.zeros(0, np.float32), "masks": np.zeros(0, np.uint32),
    "starts": np.zeros(1, np.int32), "values": np.zeros((0, 32), np.float32),
}  # fmt: skip


@pytest.fixture(scope="module")
def extractor():
    from corpus_forge.extract.forge.extractor import Extractor
    from corpus_forge.extract.forge.model import Model, Trees

    return Extractor(Model(**KEEPS_ALL, first=Trees(**NO_TREES), second=Trees(**NO_TREES)))


def rendered(extractor, page: str, **options) -> str:
    data = page.encode()
    found = extractor.extract(np.frombuffer(data, np.uint8), np.array([0, len(data)]), ForgeOptions(**options).bits())
    return found.data.tobytes().decode()


LONG = " ".join(["long"] * 60)
TABLE = "<table><tr><th>Name<th>Size<tr><td>a|b<td>1<br>2<tr><td><td>3</table>"
NESTED = "<ul><li>one<ul><li>two<p>more of it</ul><li>three</ul><ol><li>first<li>second</ol>"
CODE = "<p>Say <code>x</code>:</p><pre>  if x:\n\n      y </pre><pre>z</pre>after"
PHRASES = (
    "<h2>A <b>head</b></h2><p><b> bold </b>and <i>it<b>a</b>lic</i>, <strong></strong>un<em>closed</p>"
    "<blockquote><p>said</blockquote>"
)
LINKS = '<p>See <a href="/a (b)?x=1&amp;y">the<b> page </b></a>, <a href=#>top</a>.<img alt="A  cat&#10;here" src="c.png">'


@pytest.mark.parametrize(
    ("page", "options", "text"),
    [
        ("<h1>T</h1><p>a\n b<p>c<br>d", {}, "T\n\na b\n\nc\nd"),
        (NESTED, {}, "- one\n  - two\n    more of it\n- three\n\n1. first\n2. second"),
        (TABLE, {}, "Name | Size\na|b | 1 2\n| 3"),
        (CODE, {}, "Say x:\n\n  if x:\n\n      y\n\nz\n\nafter"),
        ("<dl><dt>term<dd>what it is<dt>next</dl><p>end", {}, "term\nwhat it is\nnext\n\nend"),
        (PHRASES, {}, "A head\n\nbold and italic, unclosed\n\nsaid"),
        (LINKS, {}, "See the page , top."),
        (LINKS, {"alt": True}, "See the page , top.A cat here"),
        (NESTED, {"format": "markdown"}, "- one\n  - two\n    more of it\n- three\n\n1. first\n2. second"),
        (TABLE, {"format": "markdown"}, "| Name | Size |\n|---|---|\n| a|b | 1 2 |\n| | 3 |"),
        (CODE, {"format": "markdown"}, "Say `x`:\n\n```\n  if x:\n\n      y\n```\n\n```\nz\n```\n\nafter"),
        (PHRASES, {"format": "markdown"}, "## A **head**\n\n**bold** and *it**a**lic*, un*closed*\n\n> said"),
        (LINKS, {"format": "markdown"}, "See the **page** , top."),
        (
            LINKS,
            {"format": "markdown", "links": True, "alt": True},
            "See [the **page**](/a%20%28b%29?x=1&y) , [top](#).![A cat here](c.png)",
        ),
        (f"<p>before{TABLE}after", {"tables": "drop"}, "before\n\nafter"),
        ("<p>text that is longer<div class=comments><p>me too</div>", {"comments": "drop"}, "text that is longer"),
        ("<p>question<div class=comments><p>all of the answers</div>", {"comments": "drop"}, "question\n\nall of the answers"),
        (f"<table><tr><td>{LONG}<td>{LONG}</table>", {}, f"{LONG}\n\n{LONG}"),
    ],
)  # fmt: skip
def test_text_and_markdown(extractor, page, options, text):
    assert rendered(extractor, page, **options) == text


def test_deep_lists_and_wide_tables_stay_within_their_room(extractor):
    deep = rendered(extractor, "<ul><li>x" * 300, format="markdown")
    assert deep.count("x") == 300
    assert max(map(len, deep.split("\n"))) < 30
    row = "<tr>" + "<td>c" * 5000
    assert rendered(extractor, f"<table>{row}{row}</table>", format="markdown").count("c") == 10000
