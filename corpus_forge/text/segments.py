"""Lines and paragraphs that occur more than once, by newlines alone, as every published repetition rule counts them.

Three kinds: what runs of newlines part, those of them that are not blank, and what runs of two and more part. A set
of hashes holds the first MAX_SEGMENTS different ones of a document; a copy of a later one is not noticed, which bounds
memory at 100 MB. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpus_forge.text.affixes import is_ellipsis
from corpus_forge.text.bitmaps import BYTES, first_bit
from corpus_forge.text.classes import ENDING, SPACE
from corpus_forge.text.counts import Count
from corpus_forge.text.eight import ONES
from corpus_forge.text.hashing import ONE, ZERO, cleared, hash_long, slot_of_hash
from corpus_forge.text.kernel import called, inner
from corpus_forge.text.landmarks import is_byte
from corpus_forge.text.utf8 import flags_at, flags_before, previous, width

MAX_SEGMENTS = 1 << 22
SHORT_CHARACTERS = 30
NEWLINE, STAR, HYPHEN = (ord(mark) for mark in "\n*-")
TWO = np.uint64(2)
EIGHT_NEWLINES = ONES * np.uint64(NEWLINE)
RUN_LINES, PARAGRAPHS, FULL_LINES = int(Count.RUN_LINES), int(Count.PARAGRAPHS), int(Count.FULL_LINES)
NEWLINES, ENDED_LINES, SHORT_LINES = int(Count.NEWLINES), int(Count.ENDED_LINES), int(Count.SHORT_LINES)
EMPTY_ENDS, STAR_LINES, DOTS_LINES = int(Count.EMPTY_ENDS), int(Count.STAR_LINES), int(Count.DOTS_LINES)
LATER, LATER_CHARS, ALL, ALL_CHARS = 1, 2, 3, 4
"""Columns after the first of a kind."""


class Seen(NamedTuple):
    """A set of hashes: keys: uint64[slots], counts: uint64[slots], and slots - 1, where slots is a power of two."""

    keys: np.ndarray
    counts: np.ndarray
    mask: int


@inner
def stripped(data, start, end, classes):
    """data[start:end] without white space at its ends, as start and end."""
    while start < end and flags_at(classes, data, start, end) & SPACE:
        start += width(data, start, end)
    while start < end and flags_before(classes, data, end, start) & SPACE:
        end = previous(data, end, start)
    return start, end


@inner
def count_segment(data, start, end, seen, row, kind):
    """Count one segment of that kind; its characters, and 0 for what is new, 1 for a second copy, 2 for a later one.

    What is new is not noted where the set is half full.
    """
    value, chars = hash_long(data, start, end)
    slot = slot_of_hash(seen.keys, seen.mask, value)
    row[kind] += 1
    copies = 0
    if seen.keys[slot] != ZERO:
        seen.counts[slot] += ONE
        copies = 1 if seen.counts[slot] == TWO else 2
    elif 2 * (row[kind] - row[kind + LATER]) <= seen.mask + 1:
        seen.keys[slot], seen.counts[slot] = value + ONE, ONE
    note_copy(copies, chars, row, kind)
    return chars, copies


@inner
def note_copy(copies, chars, row, kind):
    """Count a segment that is new, a second or a later copy."""
    row[kind + LATER] += copies > 0
    row[kind + ALL] += 2 if copies == 1 else copies > 1
    if copies:
        row[kind + LATER_CHARS] += chars
        row[kind + ALL_CHARS] += 2 * chars if copies == 1 else chars


@inner
def count_line(data, start, end, classes, seen, row):
    """Count what runs of newlines part, and as a full line if it is not blank: copies are the same for both."""
    chars, copies = count_segment(data, start, end, seen, row, RUN_LINES)
    row[EMPTY_ENDS] += start == end
    row[STAR_LINES] += start < end and data[start] in (STAR, HYPHEN)
    row[DOTS_LINES] += end - start > 2 and is_ellipsis(data, end - 3, start, end)
    first = start
    while first < end and flags_at(classes, data, first, end) & SPACE:
        first += width(data, first, end)
    if first < end:
        row[FULL_LINES] += 1
        note_copy(copies, chars, row, FULL_LINES)
        row[SHORT_LINES] += chars <= SHORT_CHARACTERS
        row[ENDED_LINES] += flags_before(classes, data, end, start) & ENDING != 0


@inner
def next_run(data, i, end, least):
    """Where the next `least` or more newlines in a row begin and end, both `end` if there are none."""
    while i < end:
        found = is_byte(data, i, NEWLINE)
        if least > 1:
            found &= is_byte(data, i + 1, NEWLINE)
        at = i + first_bit(found)
        i += BYTES
        if at < min(i, end):
            stop = at + 1
            while stop < end and data[stop] == NEWLINE:
                stop += 1
            if stop - at >= least:
                return at, stop
            i = stop
    return end, end


@called
def count_runs(data, start, end):
    """Upper bound for the segments of data[start:end]: runs of newlines, and one."""
    runs = 1
    while True:
        _, start = next_run(data, start, end, 1)
        if start == end:
            return runs + 1
        runs += 1


@called
def count_lines_of(data, start, end, classes, seen, row):
    """Lines of data[start:end], empty ones at its ends too."""
    while True:
        stop, following = next_run(data, start, end, 1)
        count_line(data, start, stop, classes, seen, row)
        row[NEWLINES] += following - stop
        if stop == following:
            return
        start = following


@called
def count_paragraphs(data, start, end, seen, row):
    """Paragraphs of data[start:end]."""
    while True:
        stop, following = next_run(data, start, end, 2)
        count_segment(data, start, stop, seen, row, PARAGRAPHS)
        if stop == following:
            return
        start = following


@called
def count_segments(data, start, end, classes, entries, space, row):
    """All three kinds, at most `entries` different ones of each. `space` has keys and counts for them."""
    count_lines_of(data, start, end, classes, Seen(space.keys, space.tallies, cleared(space.keys, entries)), row)
    start, end = stripped(data, start, end, classes)
    count_paragraphs(data, start, end, Seen(space.keys, space.tallies, cleared(space.keys, entries)), row)
