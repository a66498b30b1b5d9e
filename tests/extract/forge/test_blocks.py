"""Blocks of text: what the kernels find in a page is what an HTML5 parser finds."""

from __future__ import annotations

import html as python_html
from html.entities import html5

import pytest
import zstandard
from blocks_oracle import blocks_of, words_by_kernel, words_by_tree
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_forge.extract.forge.entities import hash_exact
from corpus_forge.extract.forge.tables import hash_name
from corpus_forge.extract.forge.tags import ATTRIBUTES, TAGS

TEXT = st.text(st.sampled_from("ab Z9\n\té中،𐍈&;=/'\"-."), max_size=12)
ATTRIBUTE = st.sampled_from(
    ["", " class=a", ' id="x y"', " title='a>b'", " hidden", ' data-x="&lt;p>"', " href=/a/b?c=d&amp;e", " a = b ", ' x="\'"']
)
INLINE = st.sampled_from(["span", "b", "a", "em", "code", "unknown-tag", "font", "sub"])
OUTER = st.sampled_from(["div", "section", "article", "blockquote", "ul", "main", "header", "noscript", "center", "details"])


def wrapped(children):
    """An element around pieces of a page; phrases may be in anything, blocks only in what may hold them."""

    def build(name, attribute, parts):
        return f"<{name}{attribute}>{''.join(parts)}</{name}>"

    return st.builds(build, OUTER, ATTRIBUTE, st.lists(children, max_size=4))


LEAVES = ["<br>", "<!-- <p> c -->", "<img alt=x src=y>", "&nbsp;", "&eacute", "&#x4e2d;"]
PHRASE = st.recursive(
    st.one_of(TEXT.map(python_html.escape), st.sampled_from(LEAVES)),
    lambda inner: st.builds(
        lambda n, a, parts: f"<{n}{a}>{''.join(parts)}</{n}>", INLINE, ATTRIBUTE, st.lists(inner, max_size=3)
    ),
    max_leaves=6,
)
PARAGRAPH = st.builds(
    lambda name, a, text: f"<{name}{a}>{text}</{name.split('>')[0]}>",
    st.sampled_from(["p", "h1", "h3", "pre", "li", "dd", "table><tr><td"]),
    ATTRIBUTE,
    PHRASE,
)
UNREAD = st.sampled_from(
    ["<script>if (a<b) '</p>'</script>", "<style>p > a {}</style>", "<svg><text>no</text></svg>", "<textarea><p>no</textarea>",
     "<select><option>no</select>", "<iframe><p>no</iframe>", "<template><p>no</p></template>", "<hr>", "<?php no ?>",
     "<!doctype html>"]
)  # fmt: skip
PAGE = st.lists(st.recursive(st.one_of(PARAGRAPH, PHRASE, UNREAD), wrapped, max_leaves=8), max_size=5).map("".join)


@given(PAGE)
@settings(max_examples=150)
def test_the_words_of_all_blocks_are_those_of_a_parser(body):
    page = f"<!DOCTYPE html><html><head><title>t</title></head><body>{body}</body></html>"
    assert words_by_kernel(page) == words_by_tree(page)


@pytest.mark.data
def test_pages_from_the_web_have_the_words_that_a_parser_finds(test_data):
    import json

    packed = (test_data / "extraction_gold/scrapinghub.jsonl.zst").read_bytes()
    lines = zstandard.ZstdDecompressor().stream_reader(packed).read(12 << 20).splitlines()
    pages = [json.loads(line)["html"] for line in lines[:12]]
    same = [words_by_kernel(page) == words_by_tree(page) for page in pages]
    assert sum(same) >= len(pages) - 1, [number for number, each in enumerate(same) if not each]


@pytest.mark.parametrize(
    ("page", "blocks"),
    [
        ("<p>a<p>b<li>c<li>d", ["a", "b", "c", "d"]),
        ("one<br>two<br><br>three", ["one\ntwo", "three"]),
        ("<pre>\n  a\n\n b </pre>", ["  a\n\n b"]),
        ("a <b>b</b>old <i> x </i>", ["a bold x"]),
        ("<table><tr><td>a<td>b<tr><td>c<table><tr><td>d</table>e</table>f", ["a", "b", "c", "d", "e", "f"]),
        ("<!-- a --!>b<!-->c<!--->d<!x>e</ f>g</>h", ["bcdegh"]),
        ("a<script>x<!--<script>y</script>z", ["az"]),
        ("<p>before</p><script>var a = '<p>never closed';", ["before", "var a = '", "never closed';"]),
        ("<svg><p>read, for nothing closes it", ["read, for nothing closes it"]),
        ("<svg/><p>read", ["read"]),
        ("<noscript><p>read</noscript>", ["read"]),
        ("a < b <3 <> & &amp; &nosuch; &copy", ["a < b <3 <> & & &nosuch; ©"]),
        ("<p title='>'>a<p title=\">\">b<p title=>>c", ["a", "b", ">c"]),
        ("<dl><dt>a<dd>b<dt>c</dl>", ["a", "b", "c"]),
        ("x\x00y\r\nz", ["xy z"]),
        ("", []),
        ("<", ["<"]),
        ("<p", []),
    ],
)  # fmt: skip
def test_blocks_of_odd_markup(page, blocks):
    assert blocks_of(page) == blocks


def test_every_character_reference_is_decoded_as_the_standard_says():
    # A letter in front keeps those that are white space; what stands behind must not join the name.
    for name in sorted(html5):
        for page in (f"x&{name} y", f"x&{name}y", f"x&{name}=y"):
            expected = "".join(python_html.unescape(page).split()).replace("\x00", "")
            assert "".join("".join(blocks_of(page)).split()) == expected, page


@given(st.integers(0, 0x120000), st.booleans(), st.sampled_from(["", ";", "z"]))
def test_numeric_references(number, is_hex, end):
    page = f"x&#{f'x{number:x}' if is_hex else number}{end}"
    expected = python_html.unescape(page)
    # Python drops what is no character; the standard keeps all but NUL, surrogates and what lies beyond Unicode.
    if not 0x20 <= number < 0xD800 or 0x7F <= number < 0xA0:
        return
    if "".join(expected.split()) != "x":
        assert "".join("".join(blocks_of(page)).split()) == "".join(expected.split())


def test_no_two_names_share_a_hash():
    assert len({hash_exact(name) for name in html5}) == len(html5)
    assert len({hash_name(name) for name in [*TAGS, *ATTRIBUTES]}) == len({*TAGS, *ATTRIBUTES})


def test_nesting_beyond_the_limit_loses_no_text():
    assert blocks_of("<div>" * 3000 + "deep" + "</div>" * 3000 + "<p>after") == ["deep", "after"]
