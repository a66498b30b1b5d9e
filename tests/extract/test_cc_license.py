"""Creative Commons marks in HTML: every kind, every licence, what is none, and hostile pages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_forge.extract.cc_license import KINDS, MARKS, Mark, license_marks

BY = "https://creativecommons.org/licenses/by/4.0/"


def kinds(html: str) -> list[str]:
    return [mark.kind for mark in license_marks(html)]


@pytest.mark.parametrize(
    ("path", "license", "version"),
    [
        ("licenses/by/4.0/", "cc-by", "4.0"),
        ("licenses/by-sa/3.0/de/deed.de", "cc-by-sa", "3.0"),
        ("licenses/by-nc-sa/2.5", "cc-by-nc-sa", "2.5"),
        ("licenses/by-nd-nc/1.0/", "cc-by-nc-nd", "1.0"),
        ("licenses/BY-NC/4.0/legalcode", "cc-by-nc", "4.0"),
        ("licenses/by-nd/4.0?ref=chooser-v1", "cc-by-nd", "4.0"),
        ("licenses/by/", "cc-by", None),
        ("licenses/nc-sampling+/1.0/", "cc-nc-sampling+", "1.0"),
        ("publicdomain/zero/1.0/", "cc0", "1.0"),
        ("publicdomain/mark/1.0/", "public-domain-mark", "1.0"),
        ("licenses/publicdomain/", "public-domain", None),
    ],
)
def test_licences(path, license, version):  # noqa: A002
    for scheme in ("http:", "https:", ""):
        [mark] = license_marks(f'<a rel="license" href="{scheme}//creativecommons.org/{path}">x</a>')
        assert mark == Mark(license, version, "rel")


@pytest.mark.parametrize(
    "path",
    [
        "licenses/",
        "licenses/list.en",
        "licenses/GPL/2.0/",
        "licenses/by-by-sa/",
        "about/",
        "publicdomain/",
        "ns#",
        "licenses/byx/4.0",
    ],
)
def test_what_is_no_licence(path):
    assert license_marks(f'<a rel="license" href="https://creativecommons.org/{path}">x</a>') == []


@pytest.mark.parametrize(
    ("html", "kind"),
    [
        (f'<meta name="dcterms.license" content="{BY}">', "meta"),
        (f"<META NAME='DC.rights' CONTENT='Some rights: {BY}'>", "meta"),
        (f'<meta property="og:image" content="{BY}x.png">', "text"),
        (f'<link rel="license" href="{BY}">', "link"),
        (f'<link href={BY} rel=license>', "link"),
        (f'<link rel="canonical" href="{BY}">', "text"),
        (f'<a rel="license noopener" href="{BY}">', "rel"),
        (f'<a href="{BY}" title="a > b" rel="external license">', "rel"),
        (f'<div property="cc:license" resource="{BY}">', "rel"),
        (f'<span itemprop="license" content="{BY}">', "rel"),
        (f'<a itemprop="http://schema.org/license" href="https://web.archive.org/web/2016/{BY}">', "rel"),
        (f'<a href="{BY}">CC</a>', "anchor"),
        (f'<a title="a < b" href="{BY}">CC</a>', "anchor"),
        ('<img src="https://i.creativecommons.org/l/by/4.0/88x31.png">', "image"),
        ("<img src='//licensebuttons.net/l/by/4.0/88x31.png'>", "image"),
        (f"<p>It is under {BY} as it says.</p>", "text"),
        (f'<img alt="photo [CC BY ({BY}) or GFDL], via Commons" src="x.jpg">', "text"),
        (f'<a rel="license" title="see ({BY}) there" href="x">', "text"),
        (f"<b>1 < 2</b> {BY}", "text"),
        (f'<License><license rdf:resource="{BY}"/></License>', "rdf"),
        (f'<!-- <rdf:RDF><cc:license rdf:resource="{BY}"/></rdf:RDF> -->', "rdf"),
        (f'<script type="application/ld+json">{{"license": "{BY}"}}</script>', "json-ld"),
        (f'<script type="application/ld+json">{{"license": [ "{BY}" ]}}</script>', "json-ld"),
        (f'<script type="application/ld+json">{{"license":{{"@id":"{BY}"}}}}</script>', "json-ld"),
        (f'<script type="application/ld+json">{{"license":"{BY}"}}</script>'.replace("/", "\\/", 7), "json-ld"),
    ],
)  # fmt: skip
def test_kinds_of_marks(html, kind):
    assert license_marks(f"<html><body>{html}</body>") == [Mark("cc-by", "4.0", kind)]
    assert kind in KINDS


@pytest.mark.parametrize(
    "html",
    [
        f'<!-- <a rel="license" href="{BY}"> -->',
        f"<script>var s = '<a rel=license href={BY}>';</script>",
        f'<script type="application/ld+json">{{"image": "{BY}"}}</script>',
        f'<License rdf:about="{BY}"></License>'.replace("License rdf:about", "!-- License rdf:about"),
    ],
)
def test_comments_and_scripts_that_say_nothing_of_the_page(html):
    assert license_marks(html) == []


def test_marks_after_a_comment_or_a_script_count():
    html = f'<!-- a --><script>x</script><a rel="license" href="{BY}"></a>'
    assert kinds(html) == ["rel"]


def test_the_most_telling_mark_comes_first_and_then_the_order_of_the_page():
    other = BY.replace("by/", "by-sa/")
    html = f'<p>{BY}</p><a href="{other}">a</a><a href="{BY}">b</a><link rel=license href="{other}">'
    assert [(mark.kind, mark.license) for mark in license_marks(html)] == [
        ("link", "cc-by-sa"), ("anchor", "cc-by-sa"), ("anchor", "cc-by"), ("text", "cc-by"),
    ]  # fmt: skip


@given(
    st.lists(
        st.sampled_from(
            ["<", ">", '"', "'", "=", "a", " ", "<a href=", "<!--", "-->", "<script", BY, BY[:-4], "rel=license", "\x00"]
        )
    )
)
@settings(max_examples=300, deadline=None)
def test_no_page_is_too_broken(pieces):
    html = "".join(pieces)
    marks = license_marks(html)
    assert all(mark.license == "cc-by" and mark.kind in KINDS for mark in marks)
    assert len(marks) <= html.count("creativecommons")


@pytest.mark.parametrize(
    "piece", [f"<a {BY}", f'"{BY}', f"<script {BY}", "<" * 50 + BY, "a=" * 50 + BY, " " * 50 + f'"license":  "{BY}']
)
def test_so_many_marks_are_looked_at_and_no_more(piece):
    assert len(license_marks(piece * (1_000_000 // len(piece)))) <= MARKS
