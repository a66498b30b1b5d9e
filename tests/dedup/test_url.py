"""Canonical URLs: which spellings are one page, and which are not."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.dedup.url import canonical_url, url_keys

SAME = "example.org/a?b=1&c=2"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a?b=1&c=2",
        "HTTP://Example.ORG./a/?b=1&c=2#part",
        "http://example.org:80/a?b=1&utm_source=x&c=2",
        "https://example.org:443/x/../a?fbclid=1&b=1&c=2&",
        " https://user@example.org/./%61?b=%31&c=2\n",
    ],
)
def test_spellings_of_one_page(url):
    assert canonical_url(url) == SAME


@pytest.mark.parametrize(
    "url",
    [
        "https://www.example.org/a?b=1&c=2", "https://example.org:8080/a?b=1&c=2", "https://example.org/A?b=1&c=2",
        "ftp://example.org/a?b=1&c=2", "https://example.org/a?c=2&b=1", "https://example.org/a", "https://example.org/%2561?b=1&c=2",
    ],
)  # fmt: skip
def test_other_pages(url):
    assert canonical_url(url) != SAME


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        (None, None), ("  ", None), ("http://a.b", "a.b/"), ("http://a.b/%c3%a9", "a.b/%C3%A9"), ("http://[::1", "http://[::1"),
        ("http://a.b:99999/x", "http://a.b:99999/x"), ("not a url", "not a url"), ("http://a.b/../../c", "a.b/c"),
    ],
)  # fmt: skip
def test_odd_ones(url, canonical):
    assert canonical_url(url) == canonical


@given(st.text(st.sampled_from("ahtp:/.?&=#A[]@;"), max_size=30).map(lambda rest: "http://a.b/" + rest))
def test_a_canonical_url_stays_as_it_is(url):
    canonical = canonical_url(url)
    assert canonical is not None
    assert canonical_url("http://" + canonical) == canonical


def test_documents_without_a_url_have_no_key():
    rows, hi, lo = url_keys(pa.array(["http://a.b/", None, "", "https://a.b", "http://a.b/c"]))
    assert rows.tolist() == [0, 3, 4]
    assert (hi[0], lo[0]) == (hi[1], lo[1]) != (hi[2], lo[2])
    assert [len(part) for part in url_keys(pa.array([], pa.string()))] == [0, 0, 0]
