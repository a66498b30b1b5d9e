"""Books: sentences into books, and Gutenberg's texts without what Gutenberg wrote around them."""

from __future__ import annotations

import gzip

import pytest
from pydantic import ValidationError

from corpus_forge.io.books import BooksSource
from corpus_forge.io.source import Access, Piece
from corpus_forge.text.gutenberg import parted

GUTENBERG = """\ufeffThe Project Gutenberg EBook of A Book, by Somebody

Title: A Book

Author: Somebody Né

Language: French

*** START OF THIS PROJECT GUTENBERG EBOOK A BOOK ***




Produced by Volunteers
and others


A BOOK

It begins. *** Here ***

It ends.




End of Project Gutenberg's A Book, by Somebody

*** END OF THIS PROJECT GUTENBERG EBOOK A BOOK ***
Licence.
"""


def read(path, **options):
    rows, faults = [], {}
    for outcome in BooksSource(name="b", paths="x", **options).read(Piece(str(path)), Access()):
        offsets = outcome.batch["offset"].to_pylist()
        rows += [(row["offset"], row["text"]) for row in outcome.kept().to_pylist()]
        faults |= {offsets[row]: fault.reason for row, fault in outcome.quarantined.items()}
    return rows, faults


def written(folder, text):
    (folder / "book").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / "book"


def test_a_book_ends_at_a_blank_line_at_a_boundary_and_at_the_limit(tmp_path):
    path = written(tmp_path, "a .\nb .\n\n\nisbn 1\nc .\nd .\r\ne .\nisbn 2\nf .")
    options = {"boundary": "^isbn", "max_sentences": 3}
    assert read(path, **options) == ([(0, "a .\nb ."), (4, "isbn 1\nc .\nd ."), (7, "e ."), (8, "isbn 2\nf .")], {})
    assert read(path) == ([(0, "a .\nb ."), (4, "isbn 1\nc .\nd .\ne .\nisbn 2\nf .")], {})
    assert [row for row, _ in read(path, unit="sentence")[0]] == [0, 1, 4, 5, 6, 7, 8, 9]


def test_many_books_come_in_order(tmp_path):
    lines = [f"sentence {n} ." for n in range(10_001)]
    rows, faults = read(written(tmp_path, "\n".join(lines)), max_sentences=100)
    assert "\n".join(text for _, text in rows).split("\n") == lines
    assert [row for row, _ in rows] == list(range(0, 10_001, 100))
    assert faults == {}


def test_books_that_are_too_long_or_cut(tmp_path):
    assert read(written(tmp_path, "a" * 40 + "\n" + "b" * 40 + "\n\nc"), max_bytes=60) == (
        [(3, "c")],
        {0: "limit:document_bytes"},
    )
    data = gzip.compress(b"".join(b"line %d\n\n" % n for n in range(20_000)), mtime=0)
    rows, faults = read(written(tmp_path, data[:-2000]))
    assert len(rows) > 10_000
    assert list(faults.values()) == ["record:truncated"]


def test_gutenberg_keeps_the_book(tmp_path):
    path = written(tmp_path, GUTENBERG.replace("\n", "\r\n"))
    (outcome,) = BooksSource(name="b", paths="x", layout="gutenberg").read(Piece(str(path)), Access())
    assert outcome.batch.to_pylist() == [
        {
            "offset": 17,
            "length": -1,
            "url": None,
            "date": None,
            "text": "A BOOK\n\nIt begins. *** Here ***\n\nIt ends.",
            "title": "A Book",
            "author": "Somebody Né",
            "language": "fr",
        }
    ]


def test_older_marks_latin_1_and_no_marks(tmp_path):
    old = "Header\n*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*\n\nCaf\xe9.\n\nEnd of the Project Gutenberg Etext\nmore"
    assert read(written(tmp_path, old.encode("latin-1")), layout="gutenberg")[0] == [(3, "Café.")]
    assert read(written(tmp_path, "Only\na book."), layout="gutenberg")[0] == [(0, "Only\na book.")]
    assert read(written(tmp_path, "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n"), layout="gutenberg")[1] == {
        1: "record:empty_text"
    }


def test_a_mark_over_two_lines():
    book = parted(["*** START OF THE PROJECT GUTENBERG EBOOK A", "VERY LONG TITLE ***", "", "Text."])
    assert (list(book.lines), book.first_line) == (["Text."], 3)


def test_a_boundary_that_is_no_expression():
    with pytest.raises(ValidationError, match="no regular expression of RE2"):
        BooksSource(name="b", paths="x", boundary="(")


@pytest.mark.data
def test_real_books_lose_their_boilerplate(test_data):
    for path in sorted((test_data / "books").glob("*_*.txt")):
        if "__" in path.name and "char-rnn" not in path.name:
            [(_, text)], _ = read(path, layout="gutenberg")
            assert "Project Gutenberg" not in text, path.name
            assert "Produced by" not in text[:2000], path.name
            assert len(text) > 0.9 * (path.stat().st_size - 25_000)
