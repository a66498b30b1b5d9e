"""Lines and the marks in them: the half of the fused pass that knows no words.

Four loops, each so plain that the processor runs it at memory speed or near, instead of one that does everything
(measured: 184 MB/s as one loop). Imports numba: import this module inside functions only.
"""

from __future__ import annotations

from corpus_forge.text.affixes import is_ellipsis
from corpus_forge.text.classes import BREAK, SPACE
from corpus_forge.text.counts import Count
from corpus_forge.text.kernel import inner
from corpus_forge.text.utf8 import code_point, flags_at, flags_before, previous, width

CHARS, LINES, HASHES, ELLIPSES = int(Count.CHARS), int(Count.LINES), int(Count.HASHES), int(Count.ELLIPSES)
BULLET_LINES, ELLIPSIS_LINES = int(Count.BULLET_LINES), int(Count.ELLIPSIS_LINES)
STOP, HASH, HYPHEN, RETURN, NEWLINE = (ord(mark) for mark in ".#-\r\n")
BULLET = ord("•")


@inner
def count_marks(data, start, end, row):
    """Characters, `#` and ellipses of data[start:end]."""
    chars = hashes = ellipses = 0
    for i in range(start, end):
        chars += (data[i] & 0xC0) != 0x80
        hashes += data[i] == HASH
    stops = 0
    for i in range(start, end):
        if data[i] == STOP:
            stops += 1
            if stops == 3:
                ellipses += 1
                stops = 0
        else:
            stops = 0
            ellipses += data[i] == 0xA6 and is_ellipsis(data, i - 2, start, end)
    row[CHARS] += chars
    row[HASHES] += hashes
    row[ELLIPSES] += ellipses


@inner
def next_break(data, i, end, classes):
    """Where the first line break from i on begins, or end."""
    while i < end:
        byte = data[i]
        # Breaks outside ASCII begin with C2 (U+0085) or E2 (U+2028, U+2029).
        if byte >= 32 and byte not in (0xC2, 0xE2):
            i += 1
        elif flags_at(classes, data, i, end) & BREAK:
            return i
        else:
            i += width(data, i, end)
    return i


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
