"""Bare lines: what is counted of them, and which of them RE2 searches."""

from __future__ import annotations

import dclm_oracle
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from fuzz_cases import cases
from hypothesis import example, given
from hypothesis import strategies as st
from line_oracle import lower

from corpus_forge.text.bare_counts import MOST_WORDS, BareCount
from corpus_forge.text.bare_lines import BareLines, count_bare_lines
from corpus_forge.text.bare_signals import COUNTED
from corpus_forge.text.columns import text_column
from corpus_forge.text.line_counts import POLICY_PHRASES
from corpus_forge.text.signals import registry

PHRASES = ("line_counter_dclm", "line_cart_phrases_dclm", "line_read_more_dclm", "line_sign_in_dclm")
OF_C4 = ["lorem ipsum", "javascript", *POLICY_PHRASES]
CHARACTERS = ["a", "Z", "0", "9", ".", "{", "'", "é", "É", "Ⅳ", "٣", "²", "東", "𝒳", "𝟗", "e\u0301", "”", "\0", "ſ", "\u212a"]
SPACES = [" ", " ", "  ", "\t", "\r", "\x1c", "\x1f", "\x85", "\xa0", "\u1680", "\u2003", "\u2028", "\u3000", "\u200b"]
PARTS = st.one_of(
    *map(
        st.sampled_from,
        (CHARACTERS, SPACES, [*OF_C4, *(phrase.title() for phrase in OF_C4)], ["... ", ' "', "cookies ", "use"]),
    ),
    st.integers(1, 70).map(lambda size: "x" * size),
    st.integers(1, 23).map(lambda size: "\u3000é" * size),
)
LINES = st.lists(PARTS, max_size=12).map("".join)

CASES = str.lower, str.upper, str.title, lambda text: text.replace("s", "ſ"), lambda text: text.replace("k", "\u212a")
MATTER = [
    *(spelt(word) for word in [*COUNTED.split("|"), "sign-in", "items in cart", "read more"] for spelt in CASES),
    *("k", "M", "\u212a", "3", "1,024.5", "٣", "𝟗", "²", "_", "no"),
]
ALMOST = st.lists(st.sampled_from([*MATTER, *SPACES, " ", " ", "...", "…", "東", "-", "*", "!"]), max_size=8).map("".join)


def large(lines: list[str]) -> pa.Array:
    return pa.array(lines, pa.large_string())


def expected(line: str) -> list[int]:
    words, low, end = line.split(), lower(line), line.strip()
    ended, strictly = (end.endswith(tuple(marks)) and not end.endswith("...") for marks in (".?!\"'", '.?!"'))
    found = {
        BareCount.WORDS: len(words),
        BareCount.LONGEST_WORD: max(map(len, words), default=0),
        BareCount.ENDED: ended,
        BareCount.ENDED_STRICTLY: strictly,
        BareCount.LOREM_IPSUM: "lorem ipsum" in low,
        BareCount.JAVASCRIPT: "javascript" in low,
        BareCount.BRACES: line.count("{"),
        BareCount.POLICY: sum(low.count(phrase) for phrase in POLICY_PHRASES),
        BareCount.CHARS: len(line),
        BareCount.UPPERCASE: sum(map(str.isupper, line)),
        BareCount.DIGITS: sum(map(str.isdigit, line)),
    }
    return [int(found.get(count, 0)) for count in list(BareCount)[: BareCount.LIKE_COUNTER]]


def counts(lines: pa.Array) -> np.ndarray:
    return count_bare_lines(text_column(lines), frozenset(BareCount), "default")


def searched_everywhere(lines: pa.Array, name: str) -> list[float]:
    """What RE2 finds in all lines of no more words than the phrase may stand in."""
    signal = registry.get(name)
    found = pc.count_substring_regex(lines, signal.pattern).to_pylist()
    words = [len(line.split()) for line in lines.to_pylist()]
    return [float(n if size <= signal.most_words else 0) for n, size in zip(found, words, strict=True)]


@cases(300)
@given(st.lists(LINES, min_size=1, max_size=4))
@example([""])
@example(["x" * 63 + "\u3000" + "y" * 64 + " z"])
@example(["x" * 64, " " * 64 + "x", "x" * 62 + " é" + " terms of use" * 9])
def test_counts_are_those_of_the_definitions(lines):
    found = counts(large(lines))[:, : BareCount.LIKE_COUNTER].tolist()
    assert found == [expected(line) for line in lines]


@pytest.mark.parametrize("phrase", OF_C4)
def test_phrases_are_found_at_every_place_of_a_line(phrase):
    """Across the ends of bitmaps and of the buffer; not without their last letter, and not across the end of a line."""
    lines = [" " * before + phrase.upper() + "!" * after for before in range(130) for after in (0, 1, 64)]
    assert [sum(row) for row in _of_c4(lines)] == [1] * len(lines)
    assert [sum(row) for row in _of_c4([line.rstrip("!")[:-1] for line in lines])] == [0] * len(lines)
    cut = pa.Array.from_buffers(
        pa.large_string(), 2, [None, pa.py_buffer(np.array([0, 5, len(phrase)])), pa.py_buffer(phrase.encode())]
    )
    assert counts(cut)[:, [BareCount.LOREM_IPSUM, BareCount.JAVASCRIPT, BareCount.POLICY]].sum() == 0


def _of_c4(lines: list[str]) -> list[list[int]]:
    return counts(large(lines))[:, [BareCount.LOREM_IPSUM, BareCount.JAVASCRIPT, BareCount.POLICY]].tolist()


@cases(300)
@given(st.lists(st.one_of(ALMOST, LINES), min_size=1, max_size=6))
@example(["3 likes", "** 1,024.5K  followers!", "٣\u212a bookmar\u212as", "3 ſhareſ 東", "𝟗 vieWſ_"])
@example(["Items In Cart", "a\u3000iTEMſ in cart3", "Read more...", "READ MORE»»»", "Sign-in now", "ſIGN-IN"])
@example([" ".join(["no"] * 7 + ["items in cart"]), " ".join(["no"] * 8 + ["items in cart"])])
def test_phrases_are_those_that_re2_finds_in_all_lines(lines):
    bare = BareLines(large(["\n".join(lines)]), without_citations=False)
    for name in PHRASES:
        assert bare.values(registry.get(name)).tolist() == searched_everywhere(large(lines), name), name


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("line_counter_dclm", ("{0}3{0}likes{0}", "{0} likes", "3 {0}hare{0}", "3{0} bookmar{0}s")),
        ("line_cart_phrases_dclm", ("{0}item{0} in cart{0}", "items{0}in cart", "items i{0} cart", "items in {0}art")),
        ("line_read_more_dclm", ("read mor{0}...", "read more{0}{0}{0}", "{0}ead more...", "read more..{0}")),
        ("line_sign_in_dclm", ("{0}ign-in", "sig{0}-in{0}", "sign{0}in", "s{0}gn-in")),
    ],
)
def test_no_character_makes_a_line_match_that_is_not_searched(name, shapes):
    """Every character of two planes, in every place that matters: RE2's case folding and classes are its own."""
    characters = [chr(point) for point in range(0x20000) if point != 10 and not 0xD800 <= point < 0xE000]
    for shape in shapes:
        lines = large([shape.format(character) for character in characters])
        found = np.array(searched_everywhere(lines, name))
        hints = counts(lines)[:, registry.get(name).hint]
        assert found.any(), shape
        assert not (found.astype(bool) & (hints == 0)).any(), shape


def test_ordinary_lines_are_not_searched():
    """A hint that is always 1 would be right, and of no use."""
    lines = [
        "In 3 weeks it sells shares.",
        "3 reasons why nobody likes comments",
        "We put items in the cart.",
        "more to read...",
        "signs",
    ]
    assert counts(large(lines))[:, BareCount.LIKE_COUNTER :].sum() == 0


def test_what_is_cut_is_counted_again_and_nothing_else_changes():
    text = "ſign-in HERE\none two\nSign-in\n\nA b [1] read more!!!"
    bare = BareLines(large([text]), without_citations=False)
    before = bare.values(registry.get("line_longest_word_dclm")).tolist()
    words = bare.values(registry.get("line_word_count_dclm")).tolist()
    assert words == [2, 2, 1, 0, 5]
    gone = bare.cut(registry.get("line_sign_in_dclm"), bare.values(registry.get("line_sign_in_dclm")) > 0)
    assert gone.tolist() == [False, False, True, False, False]
    fresh = BareLines(large(["HERE\none two\n\n\nA b [1] read more!!!"]), without_citations=False)
    for name in ("line_word_count_dclm", "line_uppercase_share_dclm", "rps_lines_num_words", *PHRASES):
        assert bare.values(registry.get(name)).tolist() == fresh.values(registry.get(name)).tolist(), name
    assert bare.values(registry.get("line_longest_word_dclm")).tolist() == before
    assert bare.cut(registry.get("line_sign_in_dclm"), np.zeros(5, bool)).tolist() == [False] * 5
    assert bare.joined().to_pylist() == fresh.joined().to_pylist()


def test_slices_and_batches_of_any_size_are_counted_alike():
    lines = ["Some words, 12 of them", "", "\u3000É\x85 3 likes", "privacy policy" * 5, "x" * 200]
    whole = counts(large(lines))
    padded = pa.array(["pad: privacy", *lines, "policy"], pa.string()).slice(1, len(lines))
    assert (counts(padded) == whole).all()
    assert (np.concatenate([counts(large([line])) for line in lines]) == whole).all()
    assert counts(large([])).shape == (0, len(BareCount))


def test_any_bytes_are_counted_without_a_crash_and_by_themselves():
    """Arrow promises UTF-8; what breaks the promise is counted as if nothing stood before and behind it."""
    data = np.random.Generator(np.random.Philox(5)).bytes(20_000).replace(b"\n", b"\xe2")
    offsets = np.arange(0, 20_001, 100)
    broken = pa.Array.from_buffers(pa.large_string(), 200, [None, pa.py_buffer(offsets), pa.py_buffer(data)])
    alone = [
        pa.Array.from_buffers(pa.large_string(), 1, [None, *map(pa.py_buffer, (offsets[:2], data[at : at + 100]))])
        for at in offsets[:-1]
    ]
    assert (counts(broken) == np.concatenate([counts(line) for line in alone])).all()


def test_bitmaps_say_of_every_byte_what_it_is():
    """At every place of buffers shorter and longer than a bitmap, zeros past their ends."""
    from numba import njit

    from corpus_forge.text.bitmaps import between, in_any_case

    @njit
    def asked(data, place, low, high, letter):
        return between(data, place, low, high), in_any_case(data, place, letter)

    random = np.random.Generator(np.random.Philox(3))
    for size in (0, 1, 63, 64, 65, 130):
        data = random.integers(0, 256, size, np.uint8)
        low, high = sorted(random.integers(1, 256, 2).tolist())
        letter = int(data[0] | 0x20) if size else ord("k")
        for place in range(size + 1):
            part = bytes(data[place : place + 64])
            ranged = sum(1 << k for k, byte in enumerate(part) if low <= byte <= high)
            cased = sum(1 << k for k, byte in enumerate(part) if byte | 0x20 == letter)
            assert asked(data, place, low, high, letter) == (ranged, cased)


def test_words_of_phrases_are_those_of_the_oracle():
    """The line of a counter has no more letters than the hint looks at."""
    from corpus_forge.text.bare_hints import MOST_LETTERS

    assert 1 + max(map(len, COUNTED.split("|"))) == MOST_LETTERS
    assert all(word.endswith("s") and word in dclm_oracle.COUNTER.pattern for word in COUNTED.split("|"))
    assert registry.get("line_cart_phrases_dclm").most_words == MOST_WORDS
