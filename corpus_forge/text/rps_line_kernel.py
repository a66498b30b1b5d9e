"""RedPajama-V2's counts of lines, as they are and in normal form. Imports numba: import this module inside functions only."""

from __future__ import annotations

import numpy as np

from corpus_forge.text.eight import count_chars
from corpus_forge.text.kernel import called, inner, kernel
from corpus_forge.text.kernel_sources import source_number
from corpus_forge.text.letters import NUMERIC, UPPERCASE
from corpus_forge.text.measure import KERNELS
from corpus_forge.text.rps_counts import RpsLineCount
from corpus_forge.text.rps_kernel import BULLETS
from corpus_forge.text.segments import stripped
from corpus_forge.text.utf8 import code_point, previous, width
from corpus_forge.text.words import skip_ink, skip_space

COLUMNS = len(RpsLineCount)
CHARS, UPPERCASE_CHARS = int(RpsLineCount.CHARS), int(RpsLineCount.UPPERCASE)
ENDED, BULLET, WORDS = int(RpsLineCount.ENDED), int(RpsLineCount.BULLET), int(RpsLineCount.WORDS)
JAVASCRIPT, NUMERIC_CHARS = int(RpsLineCount.JAVASCRIPT), int(RpsLineCount.NUMERIC)
NORMAL_CHARS = int(RpsLineCount.NORMAL_CHARS)
ENDS = tuple(ord(mark) for mark in ".!?”")
SEARCHED = np.frombuffer(b"javascript", np.uint8)


@called
def count_raw_line(data, start, end, classes, letters, row):
    """Characters, capitals, and the marks at both ends, white space aside."""
    row[CHARS] = count_chars(data, start, end)
    i = start
    while i < end:
        row[UPPERCASE_CHARS] += letters[code_point(data, i, end)] & UPPERCASE != 0
        i += width(data, i, end)
    left, right = stripped(data, start, end, classes)
    if left < right:
        row[BULLET] = code_point(data, left, right) in BULLETS
        row[ENDED] = code_point(data, previous(data, right, left), right) in ENDS


@inner
def is_searched(data, start, end):
    """Is data[start:end] `javascript`?"""
    if end - start != len(SEARCHED):
        return False
    same = 0
    for k in range(len(SEARCHED)):
        same += data[start + k] == SEARCHED[k]
    return same == len(SEARCHED)


@called
def count_normal_line(data, start, end, classes, letters, row):
    """Words between white space, their characters with one blank between two, and numbers."""
    i = skip_space(data, start, end, classes)
    while i < end:
        stop = skip_ink(data, i, end, classes)
        row[WORDS] += 1
        row[JAVASCRIPT] += is_searched(data, i, stop)
        while i < stop:
            row[NORMAL_CHARS] += 1
            row[NUMERIC_CHARS] += letters[code_point(data, i, stop)] & NUMERIC != 0
            i += width(data, i, stop)
        i = skip_space(data, stop, end, classes)
    row[NORMAL_CHARS] += max(row[WORDS] - 1, 0)


def _compiled(sources):
    """The function that Python calls, compiled for this number of the kernels' sources."""

    @kernel
    def measure_rps_lines(data, offsets, classes, letters, normal, out):
        """Counts of the lines data[offsets[i]:offsets[i + 1]] into int64[n, len(RpsLineCount)]; `normal`: in normal form."""
        for i in range(len(offsets) - 1 if sources else 0):
            if normal:
                count_normal_line(data, offsets[i], offsets[i + 1], classes, letters, out[i])
            else:
                count_raw_line(data, offsets[i], offsets[i + 1], classes, letters, out[i])

    return measure_rps_lines


measure_rps_lines = _compiled(
    source_number((*KERNELS, "letters", "letter_ranges", "rps_counts", "rps_kernel", "rps_line_kernel"))
)
