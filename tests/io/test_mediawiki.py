"""Dumps of wikis: pages one by one, what is no article passed over, what is broken quarantined, texts that read well."""

from __future__ import annotations

import bz2
import sys
from pathlib import Path

import pytest
from test_memory import peak_of

from corpus_forge.config.named_sources import load_source
from corpus_forge.extract.engine import extract_text, make_engine
from corpus_forge.extract.wikitext_templates import words_of
from corpus_forge.io.mediawiki import MediaWikiSource
from corpus_forge.io.mediawiki_pages import pieces, site_of
from corpus_forge.io.source import Access, Piece

DATA = Path(__file__).parent.parent / "data" / "wikipedia"
HEAD = (
    '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="de"><siteinfo>'
    "<base>https://de.wikipedia.org/wiki/Wikipedia:Hauptseite</base><namespaces>"
    '<namespace key="6">Datei</namespace><namespace key="14">Kategorie</namespace></namespaces></siteinfo>'
)


def page(title, text="Text.", namespace=0, extra="", model="wikitext"):
    return (
        f"<page><title>{title}</title><ns>{namespace}</ns><id>7</id>{extra}<revision><id>1</id>"
        f"<timestamp>2020-01-02T03:04:05Z</timestamp><model>{model}</model><text>{text}</text></revision></page>"
    )


def read(path, **options):
    rows, faults, skipped, removed = [], {}, {}, {}
    for outcome in MediaWikiSource(name="w", paths="x", **options).read(Piece(str(path)), Access()):
        offsets = outcome.batch["offset"].to_pylist()
        rows += outcome.kept().to_pylist()
        faults |= {offsets[row]: fault.reason for row, fault in outcome.quarantined.items()}
        removed |= {offsets[row]: why.rule for row, why in outcome.removed.items()}
        for kind, count in outcome.skipped.items():
            skipped[kind] = skipped.get(kind, 0) + count
    return rows, faults, skipped, removed


def written(folder, *parts, end="</mediawiki>"):
    path = folder / "dump.xml.bz2"
    path.write_bytes(bz2.compress((HEAD + "\n".join(parts) + end).encode()))
    return path


def test_the_example_page_reads_as_it_did():
    [row], faults, skipped, _ = read(DATA / "brahui.xml", **load_source("wikipedia").read)
    assert row.pop("text") + "\n" == (DATA / "brahui.txt").read_text("utf-8")
    assert row == {
        "offset": 2,
        "length": -1,
        "url": "https://en.wikipedia.org/wiki/Brahui_language",
        "date": row["date"],
        "title": "Brahui language",
        "page": 4702,
        "language": "en",
    }
    assert (faults, skipped) == ({}, {"redirect": 1, "namespace 1": 1})


def test_pages_of_another_language(tmp_path):
    text = "Die [[Datei:a.jpg|thumb|weg]][[Straße|Gasse]] &lt;ref&gt;weg&lt;/ref&gt;ist ''lang''.[[Kategorie:Weg]][[fr:Rue]]"
    path = written(
        tmp_path, page("Große Straße", text), page("Weg", extra='<redirect title="x"/>'), page("L", model="Scribunto")
    )
    [row], faults, skipped, _ = read(path)
    assert row["text"] == "Die Gasse ist lang."
    assert (row["url"], row["language"]) == ("https://de.wikipedia.org/wiki/Gro%C3%9Fe_Stra%C3%9Fe", "de")
    assert (faults, skipped) == ({}, {"redirect": 1, "model Scribunto": 1})


def test_a_broken_page_costs_that_page(tmp_path):
    parts = (
        page("A"),
        page("B &nonsense;"),
        page("C").replace("<ns>0</ns>", "<ns>x</ns>"),
        page("D", "{{box}}"),
        page("E" * 400),
    )
    rows, faults, _, removed = read(written(tmp_path, *parts, page("F")), max_page_bytes=500)
    assert [row["title"] for row in rows] == ["A", "F"]
    assert faults == {1: "record:xml", 2: "record:xml", 4: "limit:page_bytes"}
    assert removed == {3: "read.empty"}


def test_a_cut_dump_keeps_what_is_whole(tmp_path):
    path = written(tmp_path, page("A"), page("B")[:-30], end="")
    assert [row["title"] for row in read(path)[0]] == ["A"]
    assert read(path)[1] == {1: "record:truncated"}
    whole = written(tmp_path, *(page(str(n), "wörter " * 9000) for n in range(40))).read_bytes()
    path.write_bytes(whole[:-9])
    rows, faults, _, _ = read(path)
    assert list(faults.values()) == ["file:truncated" if not rows else "record:truncated"]


@pytest.mark.parametrize("content", [b"", b"<html></html>", b"just text", b"<!DOCTYPE x><x/>"])
def test_what_is_no_dump_is_one_row(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    assert read(tmp_path / "x")[1] == {0: "file:not_mediawiki"}


def test_entities_that_a_head_defines_are_not_followed():
    head = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + HEAD.replace("Datei", "&b;")
    assert site_of(head.encode()).unseen == ("file", "image", "category", "media")


@pytest.mark.parametrize("size", [1, 3, 7, 50, 100_000])
def test_pieces_do_not_depend_on_blocks(size):
    data = (HEAD + page("A") + " <pages> " + page("B", "x" * 300) + page("C") + "</mediawiki>").encode()
    blocks = (data[at : at + size] for at in range(0, len(data), size))
    found = list(pieces(blocks, 300))
    assert found[0] == HEAD.encode()
    assert found[1:] == [page("A").encode(), None, page("C").encode()]


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("'''Bold''' and ''slanted''", "Bold and slanted"),
        ("a [[b]] [[c|d]] [[:Category:e]] [[File:f.png|thumb|g [[h]]]]i", "a b d Category:e i"),
        (
            "{{Infobox|a=b}}Born {{convert|5|to|8|km|mi}} from {{lang|fr|Paris}} ({{IPA|x}}; {{lang-el|y}})",
            "Born 5 to 8 km from Paris (y)",
        ),
        ("x<ref name=a>gone</ref><ref name=b/> ({{IPA|x}})", "x"),
        ("{|\n| cell\n|}\nafter", "after"),
        ("* a\n* b\n** c\n# d\nprose", "- a\n- b\n- c\n- d\n\nprose"),
        ("one<br/>two&nbsp;three &amp; <!-- no -->four", "one\n\ntwo three & four"),
        ("see [http://x.y title] [http://x.y] http://z", "see title http://z"),
        ("<math>a^2</math> and <code>if x</code>", "a^2 and if x"),
        ("== A ==\n=== B ===\ntext\n== C ==\n{{reflist}}\n== D ==\nend", "A\n\nB\n\ntext\n\nD\n\nend"),
        ("== See also ==\n* x\n=== y ===\nz\n== Next ==\nkept", "Next\n\nkept"),
        ("", ""),
        ("{{{{{{", "{{{{{{"),
        ("[[" * 500, "[[" * 500),
        ("a" + ";" * 200_000 + " (;, b; )", "a" + ";" * 200_000 + " (b)"),
        ("'" * 5000 + "(" * 5000, "(" * 5000),
    ],
)
def test_wikitext(wikitext, text):
    assert extract_text(make_engine("wikitext"), wikitext, '{"sections": ["see also"]}') == text


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("frac", ["1", "2"], "1/2"),
        ("Frac", ["3", "1", "2"], "3 1/2"),
        ("frac", ["4"], "1/4"),
        ("cvt", ["9", "ft"], "9 ft"),
        ("as_of", ["2010"], "As of 2010"),
        ("nowrap", [], ""),
        ("lang", ["fr"], ""),
        ("transl", ["ru", "Mir"], "Mir"),
        ("ndash", [], "–"),
        ("citation", ["a"], ""),
    ],
)
def test_templates_that_are_words(name, arguments, words):
    assert words_of(name, arguments) == words


READ_WHOLE = """
import sys
from corpus_forge.io.mediawiki import MediaWikiSource
from corpus_forge.io.source import Access, Piece
kept = sum(o.kept().num_rows for o in MediaWikiSource(name="w", paths="x").read(Piece(sys.argv[1]), Access()))
assert kept == 106, kept
"""


@pytest.mark.data
@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux's proportional set size")
def test_a_real_dump_streams_in_little_memory(test_data):
    [dump] = (test_data / "wiki").glob("enwiki-latest-*.bz2")
    peak = peak_of([sys.executable, "-c", READ_WHOLE, str(dump)])
    print(f"peak of reader and sandbox: {peak / 1e6:.0f} MB")
    assert peak < 300e6
