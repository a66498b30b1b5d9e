"""Lines and the marks in them: the half of the fused pass that knows no words.

Four loops, each so plain that the processor runs it at memory speed or near, instead of one that does everything
(measured: 184 MB/s as one loop). Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.affixes import is_ellipsis, run_of_stops
from corpus_forge.text.classes import BREAK, SPACE
from corpus_forge.text.counts import Count
from corpus_forge.text.eight import ONES, controls, count_byte, count_chars, eight, equal, first_byte
from corpus_forge.text.kernel import inner
from corpus_forge.text.utf8 import code_point, flags_at, flags_before, previous, width

CHARS, LINES, HASHES, ELLIPSES = int(Count.CHARS), int(Count.LINES), int(Count.HASHES), int(Count.ELLIPSES)
BULLET_LINES, ELLIPSIS_LINES = int(Count.BULLET_LINES), int(Count.ELLIPSIS_LINES)
STOP, HASH, HYPHEN, RETURN, NEWLINE = (ord(mark) for mark in ".#-\r\n")
BULLET = ord("•")
EIGHT_HASHES, EIGHT_STOPS, EIGHT_LASTS = (ONES * np.uint64(byte) for byte in (HASH, STOP, 0xA6))
EIGHT_C2, EIGHT_E2 = (ONES * np.uint64(byte) for byte in (0xC2, 0xE2))


@inner
def count_marks(data, start, end, row):
    """Characters, `#` and ellipses of data[start:end]."""
    row[CHARS] += count_chars(data, start, end)
    row[HASHES] += count_byte(data, start, end, EIGHT_HASHES)
    i = start
    while i < end:
        value = eight(data, i)
        at = first_byte(equal(value, EIGHT_STOPS) | equal(value, EIGHT_LASTS))
        i += at
        if at == 8 or i >= end:
            continue
        if data[i] == STOP:
            run = run_of_stops(data, i, end)
            row[ELLIPSES] += run // 3
            i += run
        else:
            row[ELLIPSES] += is_ellipsis(data, i - 2, start, end)
            i += 1


@inner
def next_break(data, i, end, classes):
    """Where the first line break from i on begins, or end."""
    while i < end:
        value = eight(data, i)
        # Breaks outside ASCII begin with C2 (U+0085) or E2 (U+2028, U+2029).
        at = first_byte(controls(value) | equal(value, EIGHT_C2) | equal(value, EIGHT_E2))
        i += at
        if at == 8 or i >= end:
            continue
        if flags_at(classes, data, i, end) & BREAK:
            return i
        i += width(data, i, end)
    return end


@inner
def count_line(data, start, end, classes, row):
    """Count the line data[start:end], which has no break in it."""
    while start < end and flags_at(classes, data, start, end) & SPACE:
        start += width(data, start, end)
    while start < end and flags_before(classes, data, end, start) & SPACE:
        end = previous(data, end, start)
    row[LINES] += 1
    if start < end and code_point(data, start, end) in (BULLET, HYPHEN):
        row[BULLET_LINES] += 1
    three_stops = end - start > 2 and data[end - 1] == STOP and data[end - 2] == STOP and data[end - 3] == STOP
    if three_stops or is_ellipsis(data, end - 3, start, end):
        row[ELLIPSIS_LINES] += 1


@inner
def count_lines(data, start, end, classes, row):
    """Lines of data[start:end], by the rules of `str.splitlines`, and the marks in them."""
    count_marks(data, start, end, row)
    i = start
    while i < end:
        stop = next_break(data, i, end, classes)
        count_line(data, i, stop, classes, row)
        i = stop
        if i < end:
            is_pair = data[i] == RETURN and i + 1 < end and data[i + 1] == NEWLINE
            i += 2 if is_pair else width(data, i, end)
