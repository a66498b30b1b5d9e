"""Lines and the marks in them: the half of the fused pass that knows no words.

Loops so plain that the processor runs each at memory speed or near, instead of one that does everything (measured: 184 MB/s as
one loop). Imports numba: import this module inside functions only.
"""

from __future__ import annotations

from corpus_forge.text.affixes import is_ellipsis, run_of_stops
from corpus_forge.text.bitmaps import BYTES, NONE, ONE, first_bit, ones, up_to
from corpus_forge.text.classes import SPACE
from corpus_forge.text.counts import Count
from corpus_forge.text.kernel import inner
from corpus_forge.text.landmarks import breaks, count_chars, ellipses, is_byte
from corpus_forge.text.utf8 import code_point, flags_at, flags_before, previous, width

CHARS, LINES, HASHES, ELLIPSES = int(Count.CHARS), int(Count.LINES), int(Count.HASHES), int(Count.ELLIPSES)
BULLET_LINES, ELLIPSIS_LINES = int(Count.BULLET_LINES), int(Count.ELLIPSIS_LINES)
STOP, HASH, HYPHEN, RETURN, NEWLINE = (ord(mark) for mark in ".#-\r\n")
BULLET = ord("•")


@inner
def count_marks(data, start, end, row):
    """Characters, `#` and ellipses of data[start:end]."""
    row[CHARS] += count_chars(data, start, end)
    beyond = i = start
    while i < end:
        row[HASHES] += ones(up_to(is_byte(data, i, HASH), end - i))
        if end - i > 2:
            row[ELLIPSES] += ones(up_to(ellipses(data, i), end - i - 2))
        dots = up_to(is_byte(data, i, STOP) & is_byte(data, i + 1, STOP) & is_byte(data, i + 2, STOP), end - i)
        while dots != NONE:
            at = i + first_bit(dots)
            if at >= beyond:
                run = run_of_stops(data, at, end)
                row[ELLIPSES] += run // 3
                beyond = at + run
            dots &= dots - ONE
        i += BYTES


@inner
def next_break(data, i, end):
    """Where the first line break from i on begins, or end."""
    while i < end:
        at = first_bit(breaks(data, i))
        if at < BYTES:
            return min(i + at, end)
        i += BYTES
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
        stop = next_break(data, i, end)
        count_line(data, i, stop, classes, row)
        i = stop
        if i < end:
            is_pair = data[i] == RETURN and i + 1 < end and data[i + 1] == NEWLINE
            i += 2 if is_pair else width(data, i, end)
