"""What characters count as, against Python's `unicodedata` for every code point that both know."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from corpus_forge.dedup.folding import ALONE, DROPPED, SEPARATES, checked_foldings, folding_table
from corpus_forge.errors import RequestError

POINTS = [point for point in range(0x110000) if not 0xD800 <= point < 0xE000]
UNION = ("lower", "punctuation", "digits", "accents")


def category(point: int) -> str:
    return unicodedata.category(chr(point))


def test_without_foldings_only_white_space_and_nul_separate():
    table = folding_table(()) & np.uint32(~ALONE & 0xFFFFFFFF)
    separating = {point for point in POINTS if table[point] == SEPARATES}
    assert separating == {0, *(point for point in POINTS if chr(point).isspace())}
    assert all(table[point] == point for point in POINTS if point not in separating)


def test_punctuation_separates_whatever_is_no_letter_mark_or_number():
    table = folding_table(("punctuation",))
    assigned = [point for point in POINTS if category(point) not in ("Cn", "Co")]
    wrong = [p for p in assigned if (table[p] == SEPARATES) != (category(p)[0] not in "LMN" or chr(p).isspace())]
    assert not wrong


def test_lower_digits_and_accents():
    table = folding_table(UNION)
    for character, counts_as in [
        ("A", "a"),
        ("Ü", "u"),
        ("ñ", "n"),
        ("7", "0"),
        ("٣", "0"),
        ("Ж", "ж"),
        ("ß", "ß"),
        ("x", "x"),
    ]:
        assert chr(table[ord(character)]) == counts_as, character
    assert table[0x301] == DROPPED, "a combining acute accent"
    assert table[ord("한")] == ord("한"), "a syllable of Hangul is no letter with marks"
    assert table[ord("中")] == ord("中") | ALONE
    assert table[ord("-")] == table[ord("€")] == SEPARATES


@pytest.mark.parametrize("how", [(), ("lower",), UNION])
def test_ascii_counts_as_ascii_and_is_never_dropped_or_alone(how):
    """The kernel's short way for ASCII, and the room it makes for folded bytes, rest on it."""
    table = folding_table(how)
    assert table[:128].max() < 128
    kept = table[(table != DROPPED) & (table != SEPARATES)] & np.uint32(0x1FFFFF)
    places = np.flatnonzero((table != DROPPED) & (table != SEPARATES))
    size_of = lambda points: 1 + (points >= 0x80).astype(int) + (points >= 0x800) + (points >= 0x10000)  # noqa: E731
    assert (size_of(kept) <= 2 * size_of(places) - (places >= 0x80)).all()


def test_names_are_checked_and_put_in_order():
    assert checked_foldings(["punctuation", "lower", "lower"]) == ("lower", "punctuation")
    assert checked_foldings("accents") == ("accents",)
    with pytest.raises(RequestError, match="normalize: 'loewr' is not known"):
        checked_foldings(["loewr"])
