"""What pages say of themselves, by the places where they say it."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import corpus_forge as cf
from corpus_forge.errors import RequestError
from corpus_forge.extract.metadata import COLUMNS, page_metadata


def said(page: str, column: str, url: str | None = None) -> str | None:
    table = page_metadata([page], urls=pa.array([url], pa.string()))
    assert table.schema == pa.schema([(name, pa.string()) for name in COLUMNS])
    return table.column(column)[0].as_py()


ADA = '<meta name="author" content="Ada Lovelace">'


def linked(**thing) -> str:
    return f'<script type="application/ld+json">{json.dumps(thing)}</script>'


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<title> A &amp; B\n </title>", "A & B"),
        ("<title>Ten ways to boil an egg | The Daily Spoon</title>", "Ten ways to boil an egg"),
        ("<title>Ten ways to boil eggs | The Daily Spoon</title><h1>Ten <i>ways</i> to boil</h1>", "Ten ways to boil"),
        ("<title>Egg</title><h1>The Daily Spoon</h1>", "Egg"),
        ("<h1></h1><h1>Only a heading</h1>", "Only a heading"),
        ('<title>t</title><meta property="og:title" content="From og">', "From og"),
        ('<meta content="Backwards" name="OG:Title">', "Backwards"),
        ('<meta name=citation_title content=Unquoted><meta property="og:title" content="og">', "Unquoted"),
        (linked(headline='Say "é"\u2028 \\ /') + "<meta property=og:title content=og>", 'Say "é" \\ /'),
        ('<script type="application/ld+json">{"headline":"a\nb","x":}</script>', "a b"),
        (linked(**{"@type": "List", "itemListElement": [{"headline": "another's"}]}), None),
        ("<svg><title>Icon</title></svg>", "Icon"),
        ("", None),
    ],
)  # fmt: skip
def test_titles(page, title):
    assert said(page, "title") == title


@pytest.mark.parametrize(
    ("page", "author"),
    [
        (ADA, "Ada Lovelace"),
        ('<meta name=citation_author content="A, B"><meta name=citation_author content="C">' + ADA, "A, B, C"),
        (linked(author="Ada"), "Ada"),
        (linked(author={"@type": "Person", "name": "Ada", "url": "https://x.example"}), "Ada"),
        (linked(author=[{"name": "Ada", "sameAs": ["https://a.example"]}, {"name": "Bob"}, "Eve", "Ada"]), "Ada, Bob, Eve"),
        (linked(**{"@graph": [{"@type": "WebPage"}, {"@type": "Article", "author": {"name": "Ada"}}]}), "Ada"),
        (linked(mainEntity={"author": {"name": "Ada"}, "acceptedAnswer": {"author": {"name": "Bob"}}}), "Ada"),
        (linked(publisher={"author": {"name": "Nobody"}}, name="Nor this"), None),
        (linked(author={"name": "Ada", "worksFor": {"name": "Analytical Engines"}}), "Ada"),
        ('<span itemprop="author" itemscope><span itemprop="name">by Ada</span></span>', "Ada"),
        ('<a rel="author" href=/ada>Ada <b>L.</b></a>', "Ada L."),
        ('<p class="byline">Written by Ada</p>', "Ada"),
        ('<div class="comment author">Ada</div><div class=author>Bob</div>', "Ada"),
        ('<meta property="article:author" content="https://facebook.example/ada">', None),
        ('<div class="author"></div>', None),
    ],
)  # fmt: skip
def test_authors(page, author):
    assert said(page, "author") == author


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-05-25T10:00:00+02:00", "2024-05-25"),
        ("2024-5-5", "2024-05-05"),
        ("20240525", "2024-05-25"),
        ("Sat, 25 May 2024 10:00:00 GMT", "2024-05-25"),
        ("May 25th, 2024", "2024-05-25"),
        ("25. Mai 2024", "2024-05-25"),
        ("25 de mayo de 2024", "2024-05-25"),
        ("25 maja 2024", "2024-05-25"),
        ("25.05.2024, 10:00 Uhr", "2024-05-25"),
        ("25/05/2024", "2024-05-25"),
        ("05/25/2024", "2024-05-25"),
        ("04/05/2024", None),
        ("2024-13-45", None),
        ("yesterday", None),
    ],
)
def test_days(written, day):
    assert said(f'<meta property="article:published_time" content="{written}">', "published") == day


@pytest.mark.parametrize(
    ("page", "url", "day"),
    [
        (linked(datePublished="2024-05-25", dateModified="2025-01-01") + "<time datetime=2025-02-02>", None, "2024-05-25"),
        ("<p>on <time datetime='2024-05-25'>Saturday</time>", None, "2024-05-25"),
        ("<p>on <time>May 25, 2024</time>", None, "2024-05-25"),
        ("<span itemprop=datePublished content=2024-05-25>soon</span>", None, "2024-05-25"),
        ("<span class='meta entry-date'>May 25, 2024</span>", None, "2024-05-25"),
        ("<p>", "https://example.org/2024/05/25/eggs", "2024-05-25"),
        ("<p>", "https://example.org/2024/05/eggs", None),
    ],
)
def test_days_by_where_they_stand(page, url, day):
    assert said(page, "published", url) == day


@pytest.mark.parametrize(
    ("page", "column", "url", "value"),
    [
        ('<html lang="pt_BR">', "html_language", None, "pt-BR"),
        ('<html xml:lang="de">', "html_language", None, "de"),
        ('<meta http-equiv="Content-Language" content="fi">', "html_language", None, "fi"),
        ('<meta property="og:locale" content="en_US">', "html_language", None, "en-US"),
        ('<html lang="{{ lang }}">', "html_language", None, None),
        ('<link rel="canonical" href="https://example.org/a?b=1&amp;c=2">', "canonical_url", None, "https://example.org/a?b=1&c=2"),
        ('<link href=/a rel="Canonical">', "canonical_url", "http://example.org/b", "http://example.org/a"),
        ('<link href=/a rel="canonical">', "canonical_url", None, None),
        ('<meta property="og:url" content="https://example.org/">', "canonical_url", None, "https://example.org/"),
        ('<link rel=canonical href="javascript:x">', "canonical_url", "https://example.org/", None),
        ('<link rel=canonical href="http://[">', "canonical_url", "https://example.org/", None),
        ('<p>under <a rel="license nofollow" href="//l.example/by">BY</a>', "license_link", "https://a.example", "https://l.example/by"),
        (linked(license="https://l.example/by"), "license_link", None, "https://l.example/by"),
        ('<a rel="nofollow" href="https://l.example/">', "license_link", None, None),
    ],
)  # fmt: skip
def test_language_and_addresses(page, column, url, value):
    assert said(page, column, url) == value


def test_rows_are_told_apart_in_sliced_columns_with_nulls():
    pages = pa.array(["<title>no</title>", "<title>eins</title>", None, "", "<title>zwei</title>", "<h1>no"]).slice(1, 4)
    assert page_metadata(pages, ["title"]).column("title").to_pylist() == ["eins", None, None, "zwei"]
    assert page_metadata(pages.slice(0, 0)).num_rows == 0


def test_the_library_call_is_public_and_refuses_columns_that_do_not_exist():
    assert cf.page_metadata(["<title>x</title>"], ["title"]).to_pylist() == [{"title": "x"}]
    with pytest.raises(RequestError, match=r"named 'titel'\. Did you mean 'title'"):
        page_metadata([""], ["titel"])


def test_long_values_and_broken_scripts_end():
    script = '<script type="application/ld+json">'
    assert said(f"<title>{'x' * 5000}</title><h1>h</h1>", "title") == "h"
    for broken in ('{"headline"', '{"headline":', '{"headline":"', '{"a":' * 5000 + '"headline":"x"', "[" * 100_000, '"\\'):
        assert said(f"{script}{broken}</script><title>t</title>", "title") == "t"


_PIECES = [
    *'<>"\\{}[]:, \0é', "headline", "author", "name", "<script type='application/ld+json'>", "</script>", "<h1>", "<time>",
    "&amp;", "<meta name=author content=",
]  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_any_bytes_give_valid_strings_or_nothing(page):
    alone = page_metadata([page])
    among = page_metadata(pa.array(["<title>a</title>", page, page]))
    assert [among.slice(row, 1).to_pylist() for row in (1, 2)] == [alone.to_pylist()] * 2
    assert all(text is None or text.encode() for text in alone.to_pylist()[0].values())


def test_a_json_scanner_agrees_with_a_parser_on_valid_things():
    rng = np.random.default_rng(5)
    for number in range(200):
        thing = _thing(rng, 0)
        want = next((each for each in _top(thing, "headline") if each.strip()), None)
        got = said(f'<script type="application/ld+json">{json.dumps(thing, ensure_ascii=bool(number % 2))}</script>', "title")
        assert got == (" ".join(want.split()) if want else None), thing


def _thing(rng, depth):
    keys = ["headline", "name", "author", "@graph", "mainEntity", "comment", "x"]
    kinds = ["text", "text", "thing", "list"] if depth < 4 else ["text"]
    return {str(rng.choice(keys)): _value(rng, depth, str(rng.choice(kinds))) for _ in range(int(rng.integers(0, 4)))}


def _value(rng, depth, kind):
    if kind == "text":
        return str(rng.choice(["a", 'q"', "b\\", "é}", "[c", " : ", "d,", "1"]))
    if kind == "list":
        return [_value(rng, depth + 1, str(rng.choice(["text", "thing"]))) for _ in range(int(rng.integers(0, 3)))]
    return _thing(rng, depth + 1)


def _top(value, key, through=("@graph", "mainEntity", "mainEntityOfPage")):
    """The values of a key where the page speaks of itself, by the parsed thing."""
    if isinstance(value, list):
        for each in value:
            yield from _top(each, key)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name == key:
                yield from (text for text in (each if isinstance(each, list) else [each]) if isinstance(text, str))
            elif name in through:
                yield from _top(each, key)
