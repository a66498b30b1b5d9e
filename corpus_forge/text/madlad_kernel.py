"""Sentences as MADLAD-400's rules look at them: where they lie, and what is odd about each but for patterns.

Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.eight import count_chars
from corpus_forge.text.kernel import called, inner, kernel
from corpus_forge.text.kernel_sources import source_number
from corpus_forge.text.letters import UPPERCASE
from corpus_forge.text.madlad_counts import MadladCount
from corpus_forge.text.measure import KERNELS
from corpus_forge.text.segments import stripped
from corpus_forge.text.utf8 import code_point, width
from corpus_forge.text.words import skip_ink, skip_space

LIST_CASE, ODD_LENGTH, TECHNICAL, CURSED = (1 << k for k in range(4))
"""Flags of a sentence, in the order of MadladCount behind the first."""
COLUMNS, SENTENCES, QUESTIONABLE = len(MadladCount), int(MadladCount.SENTENCES), int(MadladCount.QUESTIONABLE)
LEAST_WORDS = 12
SHORTEST, LONGEST = 20, 500
TECHNICAL_PARTS = 5
"""One character in so many may be a technical one."""
MARKS = tuple(ord(mark) for mark in ".!?")
TECHNICAL_MARKS = np.zeros(256, np.uint8)
TECHNICAL_MARKS[list(b"0123456789{}+/()>")] = 1


@inner
def next_sentence(data, i, end, classes):
    """Where the piece from i on ends: behind marks that white space follows, or at `end`; and where its last marks begin."""
    while i < end:
        if data[i] not in MARKS:
            i += width(data, i, end)
            continue
        marks = i
        while i < end and data[i] in MARKS:
            i += 1
        if i == end or skip_space(data, i, end, classes) > i:
            return i, marks
    return end, end


@called
def is_list_case(data, start, end, classes, letters):
    """Do more than half of at least 12 words begin with a capital letter?"""
    words = capitals = 0
    i = skip_space(data, start, end, classes)
    while i < end:
        words += 1
        capitals += letters[code_point(data, i, end)] & UPPERCASE != 0
        i = skip_space(data, skip_ink(data, i, end, classes), end, classes)
    return words >= LEAST_WORDS and 2 * capitals > words


@called
def oddities(data, start, end, classes, letters):
    """Flags of one sentence, without white space at its ends."""
    chars, technical = count_chars(data, start, end), 0
    for i in range(start, end):
        technical += TECHNICAL_MARKS[data[i]]
    found = LIST_CASE if is_list_case(data, start, end, classes, letters) else 0
    found |= ODD_LENGTH if chars < SHORTEST or chars > LONGEST else 0
    return found | (TECHNICAL if TECHNICAL_PARTS * technical > chars else 0)


def _compiled(sources):
    """The functions that Python calls, compiled for this number of the kernels' sources."""

    @kernel
    def sentences_of(data, offsets, classes, letters, firsts, bounds, flags):
        """Sentences of the texts data[offsets[i]:offsets[i + 1]]; how many there are. With empty `bounds` only counts.

        firsts: int64[n + 1], the first sentence of each text. bounds: int64[2 * sentences], starts and ends. flags:
        uint8[sentences].
        """
        count = 0 if sources else -1
        for i in range(len(offsets) - 1):
            firsts[i] = count
            start, end = offsets[i], offsets[i + 1]
            while start < end:
                stop, marks = next_sentence(data, start, end, classes)
                left, right = stripped(data, start, stop, classes)
                if skip_space(data, left, marks, classes) < marks:
                    if len(bounds):
                        bounds[2 * count], bounds[2 * count + 1] = left, right
                        flags[count] = oddities(data, left, right, classes, letters)
                    count += 1
                start = stop
        firsts[len(offsets) - 1] = count
        return count

    @kernel
    def tallied(firsts, flags):
        """int64[n, len(MadladCount)]: how many sentences of each text have each flag, and any."""
        out = np.zeros((len(firsts) - 1 if sources else 0, COLUMNS), np.int64)
        for i in range(len(firsts) - 1):
            out[i, SENTENCES] = firsts[i + 1] - firsts[i]
            for k in range(firsts[i], firsts[i + 1]):
                out[i, QUESTIONABLE] += flags[k] != 0
                for rule in range(SENTENCES + 1, QUESTIONABLE):
                    out[i, rule] += (flags[k] >> (rule - 1)) & 1
        return out

    return sentences_of, tallied


sentences_of, tallied = _compiled(source_number((*KERNELS, "letters", "letter_ranges", "madlad_counts", "madlad_kernel")))
