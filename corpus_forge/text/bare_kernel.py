"""Counts of bare lines, each a row of an Arrow column. Imports numba: import this module inside functions only."""

from __future__ import annotations

import numpy as np
from numba import njit

from corpus_forge.text.bare_counts import BareCount
from corpus_forge.text.eight import count_chars
from corpus_forge.text.kernel import called
from corpus_forge.text.kernel_sources import source_number
from corpus_forge.text.letters import DIGIT, UPPERCASE
from corpus_forge.text.line_kernel import count_line_words
from corpus_forge.text.measure import KERNELS
from corpus_forge.text.phrases import count_phrases
from corpus_forge.text.segments import stripped
from corpus_forge.text.utf8 import code_point, width

COLUMNS = len(BareCount)
CHARS, UPPERCASE_CHARS, DIGITS = int(BareCount.CHARS), int(BareCount.UPPERCASE), int(BareCount.DIGITS)


@called
def count_letters(data, start, end, letters, row):
    """Characters, those that are upper case, and digits."""
    row[CHARS] = count_chars(data, start, end)
    i = start
    while i < end:
        flags = letters[code_point(data, i, end)]
        row[UPPERCASE_CHARS] += flags & UPPERCASE != 0
        row[DIGITS] += flags & DIGIT != 0
        i += width(data, i, end)


def _compiled(sources):
    """The function that Python calls, compiled for this number of the kernels' sources."""

    @njit(cache=True, nogil=True)
    def measure_bare_lines(data, offsets, classes, letters):
        """int64[n, len(BareCount)] of the lines data[offsets[i]:offsets[i + 1]]; of sentences nothing is counted."""
        out = np.zeros((len(offsets) - 1 if sources else 0, COLUMNS), np.int64)
        for i in range(len(offsets) - 1):
            start, end = offsets[i], offsets[i + 1]
            left, right = stripped(data, start, end, classes)
            count_line_words(data, left, right, out[i])
            count_phrases(data, left, right, out[i])
            count_letters(data, start, end, letters, out[i])
        return out

    return measure_bare_lines


measure_bare_lines = _compiled(
    source_number((*KERNELS, "bare_counts", "bare_kernel", "letters", "letter_ranges", "line_counts", "line_kernel", "phrases"))
)
