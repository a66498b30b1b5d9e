"""Kernels count what the slow oracle counts, on every text."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fuzz_cases import cases
from hypothesis import example, given
from hypothesis import strategies as st
from word_oracle import counts, words

from corpus_forge.text.columns import text_column
from corpus_forge.text.counts import LINE_COUNTS, LOOPS, WORD_COUNTS, Count
from corpus_forge.text.english import special_words, units
from corpus_forge.text.measure import measure, segment
from corpus_forge.text.signals import count
from corpus_forge.text.tables import english_tables

FRAGMENTS = [
    *special_words(),
    *units(),
    *[
        "the",
        "be",
        "to",
        "of",
        "and",
        "that",
        "have",
        "with",
        "The",
        "word",
        "Word",
        "WORD",
        "a",
        "I",
        "x",
        "é",
        "Ünicode",
        "слово",
        "東京",
        "ไทย",
        "İ",
        "ß",
        "𝒳",
        "ǅ",
    ],
    *[
        ".",
        "..",
        "...",
        "……",
        "…",
        ",",
        ";",
        ":",
        "!",
        "?",
        "'",
        "’",
        '"',
        "-",
        "--",
        "---",
        "–",
        "—",
        "——",
        "~",
        "#",
        "*",
        "+",
        "^",
        "/",
        "=",
        "<",
        ">",
        "(",
        ")",
        "[",
        "]",
        "@",
        "_",
        "$",
        "€",
        "US$",
        "C$",
        "5",
        "42",
        "1984",
        "%",
    ],
    *["http://", "a.com", "www.b.co.uk/x?y#z", "me@d.org", ":80", "://", "°F.", "°c.", "é.", "A.", "AB.", "★", "•"],
    *["- ", " ", "  ", "\n", "\r\n", "\r", "\t", "\v", "\f", "\x1c", "\x1f", "\x85", "\xa0", "\u2028", "\u2029", "\u3000"],
    "\u200b",
]
rich_texts = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=3)), max_size=14).map("".join)


def found_words(text: str) -> list[str]:
    data = text_column([text]).data
    return [bytes(data[start:end]).decode() for start, end in segment(data, 0, len(data), english_tables())]


def found_counts(text: str) -> dict[str, int]:
    row = count(text_column([text]), LINE_COUNTS | WORD_COUNTS)[0]
    return {name.name: int(row[name]) for name in sorted({Count.BYTES} | LINE_COUNTS | WORD_COUNTS)}


@cases(500)
@given(rich_texts)
def test_words_are_those_of_the_oracle(text):
    assert found_words(text) == words(text)


@cases(500)
@given(rich_texts)
def test_counts_are_those_of_the_oracle(text):
    assert found_counts(text) == counts(text)


@cases(300)
@given(st.text())
@example("\0")
@example("of\0 \0\0")
def test_counts_hold_for_any_text(text):
    assert found_counts(text) == counts(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, world!", ["Hello", ",", "world", "!"]),
        ("(don't)...", ["(", "do", "n't", ")", "..."]),
        ("I’m he's cannot", ["I", "’m", "he", "'s", "can", "not"]),
        ("e.g., Mr. Smith's U.S. plan.", ["e.g.", ",", "Mr.", "Smith", "'s", "U.S.", "plan", "."]),
        ("well-known and/or either/or", ["well", "-", "known", "and/or", "either", "/", "or"]),
        ("5km $5.00 10% 3pm", ["5", "km", "$", "5.00", "10", "%", "3", "pm"]),
        ("see http://a.b.com/x?y=z.", ["see", "http://a.b.com/x?y=z", "."]),
        ("me@example.org and www.x.co.uk:80/p", ["me@example.org", "and", "www.x.co.uk:80/p"]),
        ("end.Start word:word", ["end", ".", "Start", "word", ":", "word"]),
        ("foo:) id. qu'ils", ["foo", ":)", "i", "d.", "qu'ils"]),
        ("東京は夜の七時。", ["東京は夜の七時", "。"]),
        ("a\u3000b\xa0c\u200bd", ["a", "b", "c\u200bd"]),
    ],
)
def test_words_of_known_texts(text, expected):
    assert found_words(text) == expected


def test_every_special_word_is_cut_as_listed():
    wrong = [word for word, pieces in special_words().items() if found_words(word) != pieces]
    assert wrong == []


def test_the_empty_text_counts_nothing():
    assert set(found_counts("").values()) == {0}


@pytest.mark.parametrize(
    ("text", "lines"),
    [("", 0), ("a", 1), ("a\n", 1), ("a\n ", 2), ("\n", 1), ("\r\n\n\r", 3), ("a\x85b\u2028c\u2029", 3), ("a\x1fb", 1)],
)
def test_lines_are_those_of_splitlines(text, lines):
    assert found_counts(text)["LINES"] == lines == len(text.splitlines())


def test_only_the_loops_asked_for_are_run():
    column = text_column(["one two\nthree"])
    assert count(column, frozenset({Count.BYTES}))[0].tolist() == [13, *[0] * (len(Count) - 1)]
    assert count(column, frozenset({Count.LINES}))[0, Count.PIECES] == 0
    words = count(column, frozenset({Count.PIECES}))[0].tolist()
    assert words == [13, 0, 0, 0, 0, 0, 0, 3, 3, 11, 3, 0, *[0] * (len(Count) - 12)]
    assert not count(column, frozenset({Count.TOP_2_GRAM}))[0, Count.RUN_LINES :: 1][: Count.TOP_2_GRAM - Count.RUN_LINES].any()


@pytest.mark.parametrize(
    "broken", [b"\xff", b"\xe2\x80", b"\xf0\x9f", b"a\xc3", b"\x80\x80 b", b"\xf7\xbf\xbf\xbf x", b"\xe2\x80."]
)
def test_bytes_that_are_no_utf8_do_not_read_past_the_end(broken):
    data = np.frombuffer(broken + b"the the", np.uint8)
    offsets = np.array([0, len(broken)], np.int64)
    for array in (data, offsets):
        array.setflags(write=False)
    assert measure(data, offsets, english_tables(), (True,) * len(LOOPS))[0, Count.STOP_WORDS] == 0


@pytest.mark.fuzz
@pytest.mark.skipif(not os.environ.get("CORPUS_FORGE_FUZZ"), reason="bounds are checked by `make fuzz`")
def test_fuzzing_notices_a_read_out_of_bounds():
    with pytest.raises(IndexError):
        segment(text_column(["a"]).data, 0, 9, english_tables())


@pytest.mark.slow
def test_no_kernel_reads_out_of_bounds(pytestconfig):
    """The same texts with numba's bounds checks on, in a process of its own: they are chosen at import.

    Compiling takes a minute. pytest's cache keeps the result, and numba sees when a kernel has changed.
    """
    script = (
        "from test_measure import *\n"
        "texts = ['', ' ', '.', 'a', '…', *FRAGMENTS, ''.join(FRAGMENTS), ' '.join(FRAGMENTS), '.' * 99, '@' * 99, 'a-' * 99]\n"
        "assert [found_counts(text) for text in texts] == [counts(text) for text in texts]\n"
        "assert [found_words(text) for text in texts] == [words(text) for text in texts]\n"
        "import test_cleaning, test_repetition\n"
        "from repetition_oracle import gram_counts, segment_counts\n"
        "for text in [*texts[:9], '\\n' * 9, 'a b c d e ' * 30, 'ab\\n' * 50, ''.join(test_repetition.FEW)]:\n"
        "    assert test_repetition.found(text, test_repetition.SEGMENT_COUNTS) == segment_counts(text)\n"
        "    wanted = test_repetition.GRAM_COUNTS | test_repetition.SPLIT_COUNTS\n"
        "    assert test_repetition.found(text, wanted) == gram_counts(text)\n"
        "for text in ['', ' ', '\\r', 'a[', *test_cleaning.PARTS, ''.join(test_cleaning.PARTS)]:\n"
        "    assert test_cleaning.found(text) == test_cleaning.line_counts(text)\n"
        "    test_cleaning.apply_rules([text, text], 'c4')\n"
        "data = text_column(['a']).data\n"
        "try:\n"
        "    segment(data, 0, 9, english_tables())\n"
        "except IndexError:\n"
        "    print('checked')\n"
    )
    here = Path(__file__).parent
    environment = {
        **os.environ,
        "NUMBA_BOUNDSCHECK": "1",
        "NUMBA_CACHE_DIR": str(pytestconfig.cache.mkdir("numba-boundscheck")),
        "PYTHONPATH": f"{here}{os.pathsep}{here.parent}",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=280, check=False
    )
    assert (done.returncode, done.stdout) == (0, "checked\n"), done.stderr


@pytest.mark.data
def test_one_line_of_50_megabytes(test_data):
    """Real text without a line break, repeated: counts are those of one copy, times the copies."""
    text = " ".join(path.read_text("utf-8", "replace") for path in sorted((test_data / "books").rglob("*.txt"))[:1])
    text = " ".join(text.split()) + " "
    copies = 50_000_000 // len(text.encode()) + 1
    one, many = found_counts(text), found_counts(text * copies)
    assert many["LINES"] == one["LINES"] == 1
    assert many["STOP_WORDS"] == one["STOP_WORDS"]
    for name in ("BYTES", "CHARS", "HASHES", "PIECES", "WORDS", "WORD_CHARS", "LETTER_PIECES"):
        assert many[name] == copies * one[name]
