"""Word boundaries of Unicode within what white space parts.

UAX #29, revision 39 (Unicode 14.0), section 4.1, https://www.unicode.org/reports/tr29/tr29-39.html, rules WB3c to WB999
without tailoring and without a dictionary: each Chinese character, each Hiragana and each mark is a word, as is each Thai,
Lao, Khmer and Burmese letter with the marks on it; runs of Katakana, Hangul and all alphabets are words. White space is no
word and always parts, so a mark that combines with a space is a word of its own. Imports numba: import this module inside
functions only.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from corpus_forge.text.classes import CODE_POINTS, code_points
from corpus_forge.text.kernel import called, inner
from corpus_forge.text.utf8 import code_point, width
from corpus_forge.text.word_break_ranges import WORD_BREAKS

PICTOGRAPH, KIND = 32, 31
LETTER, HEBREW, NUMERIC, KATAKANA, JOINER = range(1, 6)
MID_LETTER, MID_NUMBER, MID_BOTH, QUOTE, DOUBLE = range(6, 11)
FLAG, EXTEND, FORMAT, ZWJ = range(11, 15)
"""Kinds in the order of WORD_BREAKS; 0 is any other character."""


@cache
def break_classes() -> np.ndarray:
    """uint8[0x110000], read-only: the kind of each code point, plus PICTOGRAPH for Extended_Pictographic."""
    table = np.zeros(CODE_POINTS, np.uint8)
    *kinds, pictographs = WORD_BREAKS.values()
    for kind, ranges in enumerate(kinds, 1):
        table[code_points(ranges)] = kind
    table[code_points(pictographs)] |= PICTOGRAPH
    table.setflags(write=False)
    return table


@inner
def is_alphabetic(kind):
    """AHLetter of the rules."""
    return kind in (LETTER, HEBREW)


@inner
def next_kind(data, i, end, breaks):
    """Kind of the first character from i on that is not passed over (WB4), 0 at the end."""
    while i < end:
        kind = breaks[code_point(data, i, end)] & KIND
        if kind < EXTEND:
            return kind
        i += width(data, i, end)
    return 0


@inner
def joins_middle(before, last, kind, after):
    """WB6, WB7, WB7a to WB7c, WB11 and WB12: a mark between two letters or two digits."""
    if is_alphabetic(last) and kind in (MID_LETTER, MID_BOTH, QUOTE):
        return is_alphabetic(after) or (last == HEBREW and kind == QUOTE)
    if is_alphabetic(kind) and is_alphabetic(before) and last in (MID_LETTER, MID_BOTH, QUOTE):
        return True
    if last == HEBREW and kind == DOUBLE:
        return after == HEBREW
    if before == HEBREW and last == DOUBLE and kind == HEBREW:
        return True
    if last == NUMERIC and kind in (MID_NUMBER, MID_BOTH, QUOTE):
        return after == NUMERIC
    return before == NUMERIC and last in (MID_NUMBER, MID_BOTH, QUOTE) and kind == NUMERIC


@inner
def joins(last, kind):
    """WB5, WB8 to WB10, WB13 to WB13b: letters, digits, Katakana and what ties them."""
    if is_alphabetic(last) or last == NUMERIC:
        return is_alphabetic(kind) or kind in (NUMERIC, JOINER)
    if last == KATAKANA:
        return kind in (KATAKANA, JOINER)
    return last == JOINER and (is_alphabetic(kind) or kind in (NUMERIC, KATAKANA, JOINER))


@called
def cut_at_breaks(data, start, end, ends, breaks):
    """Write the ends of the words of data[start:end], which has no white space; how many there are."""
    count = before = last = flags = 0
    raw_zwj = False
    i = start
    while i < end:
        size = width(data, i, end)
        found = breaks[code_point(data, i, end)]
        kind = found & KIND
        passed_over = kind >= EXTEND
        flags = flags + 1 if kind == FLAG else flags if passed_over else 0
        held = passed_over or (raw_zwj and found & PICTOGRAPH != 0) or joins(last, kind) or (kind == FLAG and flags % 2 == 0)
        if i > start and not held:
            after = next_kind(data, i + size, end, breaks) if MID_LETTER <= kind <= DOUBLE else 0
            if not joins_middle(before, last, kind, after):
                ends[count] = i
                count += 1
        if not passed_over or i == start:
            before, last = last, 0 if passed_over else kind
        raw_zwj = kind == ZWJ
        i += size
    ends[count] = end
    return count + 1
