"""Texts that nobody wrote: what is counted is right, memory bounded, and nothing crashes."""

from __future__ import annotations

import random
import resource

import numpy as np
import pyarrow as pa
import pytest

from corpus_forge.text.cleaning import joined_lines, lines_of
from corpus_forge.text.columns import text_column
from corpus_forge.text.counts import Count
from corpus_forge.text.line_counts import LineCount
from corpus_forge.text.signals import count, sentence_counts, signals

MAKERS = {
    "one letter": lambda size: "a" * size,
    "letters": lambda size: "a " * (size // 2),
    "letters in lines": lambda size: "a\n" * (size // 2),
    "different lines": lambda size: "\n".join(str(n) for n in range(size // 8)),
    "newlines": lambda size: "\n" * size,
    "marks": lambda size: ".,;)" * (size // 8),
    "right to left and combining": lambda size: "שָׁלוֹם e\u0301 " * (size // 24),
    "NULs": lambda size: "\0" * size,
    "an address without end": lambda size: "a@b.co/" * (size // 7),
}


@pytest.mark.parametrize("name", MAKERS)
def test_long_texts_of_one_kind_are_counted_as_str_counts_them(name):
    """A slice of benchmarks/adversarial.py, which measures time and memory at full size: docs/kernels.md has what it found."""
    text = MAKERS[name](200_000)
    table = signals([text], ["char_count", "line_count", "word_count_dolma"]).to_pylist()
    assert table == [{"char_count": len(text), "line_count": len(text.splitlines()), "word_count_dolma": len(text.split())}]
    lines = lines_of(text_column([text]), without_citations=True)
    assert len(lines.bounds) == len(text.splitlines())
    assert int(lines.counts[:, LineCount.WORDS].sum()) == len(text.split())
    for words in ("default", "uax29"):
        pieces = int(count(text_column([text]), frozenset(Count), words)[0, Count.PIECES])
        assert len(text.split()) <= pieces <= len(text)


def test_memory_is_bounded_by_the_text():
    """16 MB of newlines and of one-letter lines: at most 500 MB and 8 bytes a byte, as peak of this process, which has more."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name in ("newlines", "letters in lines", "letters"):
        column = text_column([MAKERS[name](16_000_000)])
        count(column, frozenset(Count))
        sentence_counts(column)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < 500_000_000 + 8 * 16_000_000


def test_any_bytes_are_read_without_a_crash():
    """Arrow promises UTF-8; a column made of random bytes breaks the promise."""
    data = random.Random(3).randbytes(200_000)
    offsets = np.arange(0, 200_001, 1000, dtype=np.int64)
    array = pa.Array.from_buffers(pa.large_string(), 200, [None, pa.py_buffer(offsets), pa.py_buffer(data)])
    table = signals(array)
    assert table["byte_count"].to_pylist() == [1000] * 200
    assert all(0 <= value <= 1 for value in table["sentence_line_share"].to_pylist())


def test_breaks_of_broken_utf8_have_room():
    """Lines are allocated before they are cut: bytes that are nearly a break, breaks, and one half of one at the end."""
    for broken, lines in (
        (b"\xc2\x45", 1),
        (b"\xe2\x00\x28", 1),
        (b"\xe2\x40\xa9", 1),
        (b"\xc2\x85", 1000),
        (b"\xe2\x80\xa8", 1000),
    ):
        data = broken * 1000 + broken[:-1]
        ends = pa.py_buffer(np.array([0, len(data) - len(broken) + 1, len(data)]))
        array = pa.Array.from_buffers(pa.large_string(), 2, [None, ends, pa.py_buffer(data)])
        found = lines_of(text_column(array), without_citations=False)
        assert found.firsts.tolist() == [0, lines, lines + 1]


def mixed_texts(how_many: int) -> list[str]:
    rng = random.Random(5)
    words = [
        "one",
        "two",
        "the",
        "of",
        "three.",
        "four\n",
        "\n\n",
        "#",
        "…",
        "x" * 40,
        "{",
        "cookie policy",
        "漢字 かな",
        "ไทย",
    ]
    return [" ".join(rng.choices(words, k=rng.randint(0, 60))) for _ in range(how_many)]


@pytest.mark.parametrize("words", ["default", "whitespace", "uax29"])
def test_batches_and_slices_do_not_matter(words):
    """Every signal of documents, whichever are registered."""
    texts = mixed_texts(1000)
    whole = signals(texts, words=words)
    array = pa.array(["pad", None, *texts, "behind"], pa.string())
    assert signals(array.slice(2, 1000), words=words).equals(whole)
    for size, first in ((1, 60), (7, 1000)):
        parts = [signals(texts[i : i + size], words=words) for i in range(0, first, size)]
        assert pa.concat_tables(parts).combine_chunks().equals(whole.slice(0, first).combine_chunks())
    chunked = pa.chunked_array([array.slice(2, 20), array.slice(22, 980).cast(pa.large_string()).cast(pa.string())])
    assert signals(chunked, words=words).equals(whole)


def test_batches_and_slices_do_not_matter_to_lines():
    texts = mixed_texts(200)
    whole = lines_of(text_column(texts), without_citations=True)
    for size in (1, 7):
        parts = [lines_of(text_column(texts[i : i + size]), without_citations=True) for i in range(0, 200, size)]
        assert np.array_equal(np.concatenate([part.counts for part in parts]), whole.counts)
        joined = pa.concat_arrays([joined_lines(part, np.ones(len(part.bounds), bool)) for part in parts])
        assert joined.equals(joined_lines(whole, np.ones(len(whole.bounds), bool)))
    sliced = lines_of(text_column(pa.array(["pad", None, *texts, "behind"], pa.string()).slice(2, 200)), without_citations=True)
    assert np.array_equal(sliced.counts, whole.counts)
    assert np.array_equal(sliced.firsts, whole.firsts)
