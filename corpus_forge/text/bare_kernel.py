"""Counts of bare lines, each a row of an Arrow column.

A line is counted in a row that stays in the nearest cache; what is returned lies by column, since every signal reads whole
columns. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.bare_chars import count_bare_chars
from corpus_forge.text.bare_counts import BareCount
from corpus_forge.text.bare_hints import note_hints
from corpus_forge.text.kernel import kernel
from corpus_forge.text.kernel_sources import source_number
from corpus_forge.text.measure import KERNELS
from corpus_forge.text.phrases import count_phrases
from corpus_forge.text.segments import stripped

COLUMNS = len(BareCount)


def _compiled(sources):
    """The function that Python calls, compiled for this number of the kernels' sources."""

    @kernel
    def measure_bare_lines(data, offsets, classes, letters):
        """int64[len(BareCount), n] of the lines data[offsets[i]:offsets[i + 1]]; of sentences nothing is counted."""
        lines = len(offsets) - 1 if sources else 0
        out, row = np.empty((COLUMNS, lines), np.int64), np.empty(COLUMNS, np.int64)
        for i in range(lines):
            row[:] = 0
            start, end = offsets[i], offsets[i + 1]
            left, right = stripped(data, start, end, classes)
            count_bare_chars(data, start, end, letters, row)
            count_phrases(data, left, right, row)
            note_hints(data, start, end, row)
            for column in range(COLUMNS):
                out[column, i] = row[column]
        return out

    return measure_bare_lines


SOURCES = ("bare_chars", "bare_counts", "bare_hints", "bare_kernel", "letters", "letter_ranges", "line_counts")
measure_bare_lines = _compiled(source_number((*KERNELS, *SOURCES, "phrases")))
